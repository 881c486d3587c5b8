// The recorded shelf of starting points and a small Hub of models that exist. Their downloads and likes are rough estimates.

import type { FoundModel, LibraryModel, ModelDetails, ModelQuery, ShelfEntry } from '../client';
import shelfLines from './recorded/shelf.json?raw';

export const shelf = JSON.parse(shelfLines) as ShelfEntry[];

/** Families that are trained here and whose tokenizer is read, as far as this Hub has them. */
const FAMILIES = ['bert', 'roberta', 'distilbert'];

const hubRow = (
  id: string,
  downloads: number,
  likes: number,
  updated: string,
  license: string | null,
  languages: string[],
  model_type: string,
  gated = false,
): FoundModel => ({
  id,
  downloads,
  likes,
  updated: `${updated}T00:00:00Z`,
  license,
  languages,
  model_type,
  trainable: FAMILIES.includes(model_type),
  gated,
});

export const hub: FoundModel[] = [
  hubRow('google-bert/bert-base-uncased', 61_400_000, 2410, '2024-02-19', 'apache-2.0', ['en'], 'bert'),
  hubRow('google-bert/bert-base-cased', 4_900_000, 330, '2024-02-19', 'apache-2.0', ['en'], 'bert'),
  hubRow('google-bert/bert-large-cased', 178_000, 38, '2024-02-19', 'apache-2.0', ['en'], 'bert'),
  hubRow(
    'google-bert/bert-base-multilingual-cased',
    4_100_000,
    540,
    '2024-02-19',
    'apache-2.0',
    ['multilingual'],
    'bert',
  ),
  hubRow('distilbert/distilbert-base-cased', 320_000, 60, '2024-05-06', 'apache-2.0', ['en'], 'distilbert'),
  hubRow('allenai/longformer-base-4096', 1_900_000, 190, '2023-04-05', 'apache-2.0', ['en'], 'longformer'),
  hubRow('FacebookAI/roberta-base', 9_800_000, 540, '2024-02-19', 'mit', ['en'], 'roberta'),
  hubRow('microsoft/deberta-v3-base', 2_100_000, 360, '2022-09-22', 'mit', ['en'], 'deberta-v2'),
  hubRow('dslim/bert-base-NER', 2_300_000, 640, '2024-10-08', 'mit', ['en'], 'bert'),
  hubRow('dslim/bert-large-NER', 260_000, 155, '2024-10-08', 'mit', ['en'], 'bert'),
  hubRow('dmis-lab/biobert-v1.1', 690_000, 90, '2025-01-15', null, ['en'], 'bert'),
  hubRow('emilyalsentzer/Bio_ClinicalBERT', 3_400_000, 380, '2022-02-27', 'mit', ['en'], 'bert'),
  hubRow('allenai/scibert_scivocab_uncased', 1_100_000, 160, '2022-10-03', null, ['en'], 'bert'),
  hubRow('ProsusAI/finbert', 2_700_000, 1010, '2023-05-23', null, ['en'], 'bert'),
  hubRow('nlpaueb/legal-bert-base-uncased', 520_000, 280, '2022-04-28', 'cc-by-sa-4.0', ['en'], 'bert'),
  hubRow('deepset/gbert-base', 88_000, 39, '2024-09-26', 'mit', ['de'], 'bert'),
  hubRow('bigcode/starencoder', 41_000, 53, '2023-05-10', 'other', ['code'], 'bert', true),
  hubRow('dbmdz/bert-base-turkish-cased', 310_000, 85, '2024-03-01', 'mit', ['tr'], 'bert'),
  hubRow('dbmdz/bert-base-italian-cased', 140_000, 22, '2021-05-19', 'mit', ['it'], 'bert'),
  hubRow('KB/bert-base-swedish-cased', 66_000, 24, '2022-06-07', null, ['sv'], 'bert'),
  hubRow('tohoku-nlp/bert-base-japanese-v3', 410_000, 58, '2023-05-19', 'apache-2.0', ['ja'], 'bert'),
];

export function find(query: ModelQuery): FoundModel[] {
  const wanted = query.text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/[^/]+\//, '');
  const order: Record<ModelQuery['sort'], (a: FoundModel, b: FoundModel) => number> = {
    downloads: (a, b) => b.downloads - a.downloads,
    likes: (a, b) => b.likes - a.likes,
    updated: (a, b) => b.updated.localeCompare(a.updated),
  };
  return hub
    .filter((model) => model.id.toLowerCase().includes(wanted))
    .filter((model) => model.id.toLowerCase().startsWith(query.author.toLowerCase()))
    .filter((model) => !query.trainable || model.trainable)
    .filter((model) => !query.language || model.languages.includes(query.language))
    .sort(order[query.sort]);
}

export function detailsOf(id: string): ModelDetails | null {
  const listed = shelf.find((entry) => entry.id === id);
  const found = hub.find((model) => model.id === id);
  if (!listed && !found) return null;
  const trainable = listed?.trainable ?? found?.trainable ?? false;
  const type = found?.model_type ?? listed?.family.toLowerCase() ?? null;
  return {
    id,
    downloads: found?.downloads ?? 0,
    likes: found?.likes ?? 0,
    updated: found?.updated ?? '2021-08-30T00:00:00Z',
    license: found?.license ?? listed?.license.toLowerCase() ?? null,
    languages: found?.languages ?? ['en'],
    model_type: type,
    trainable,
    revision: '86b5e0934494bd15c9632b12f734a8a67f723594',
    bytes: listed?.bytes ?? 433_000_000,
    parameters: listed?.parameters ?? 108_000_000,
    architecture: type === 'bert' ? 'BertForMaskedLM' : null,
    gated: found?.gated ?? false,
    files: [],
    max_tokens: listed?.max_tokens ?? 512,
    reasons: trainable ? [] : [listed?.reason ?? `the model type \`${type}\` is not supported`],
    notes: [],
    about:
      listed?.advice ?? 'A model from the Hugging Face Hub. Its card says what it was trained on and what it is for.',
  };
}

export function libraryModel(
  id: string,
  source: LibraryModel['source'],
  labels: string[] = [],
  run: string | null = null,
): LibraryModel {
  const entry = shelf.find((model) => model.id === id);
  const bytes = entry?.bytes ?? 90_900_000;
  const folders: Record<LibraryModel['source'], string> = {
    run: `/home/sam/tagsmith/runs/${run}/model`,
    cache: `/home/sam/.cache/huggingface/hub/models--${id.replace('/', '--')}/snapshots/5f2b8c1d`,
    folder: `/home/sam/models/${id}`,
    library: `/home/sam/tagsmith/models/${id}`,
    starter: `/home/sam/tagsmith/models/${id}`,
  };
  const path = folders[source];
  const base = bytes > 3e8;
  return {
    name: id,
    path,
    source,
    run,
    summary: {
      path,
      architecture: source === 'run' ? 'BertForTokenClassification' : 'BertModel',
      model_type: 'bert',
      num_hidden_layers: base ? 12 : 6,
      hidden_size: base ? 768 : 384,
      num_attention_heads: 12,
      vocab_size: entry?.cased ? 28_996 : 30_522,
      max_position_embeddings: entry?.max_tokens ?? 512,
      embeds_sentences: source !== 'run',
      labels,
      weights: {
        kind: 'safetensors',
        files: ['model.safetensors'],
        bytes,
        parameters: entry?.parameters ?? 22_568_000,
        dtypes: { F32: entry?.parameters ?? 22_568_000 },
      },
      tokenizer: {
        kind: 'tokenizer.json',
        model: 'WordPiece',
        vocabulary: entry?.cased ? 28_996 : 30_522,
        cased: entry?.cased ?? false,
      },
      license: entry?.license.toLowerCase() ?? 'apache-2.0',
      bytes: bytes + 1_200_000,
      trainable: true,
      reasons: [],
      notes: [],
    },
  };
}

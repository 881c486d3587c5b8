// The batch commands of the in-memory shell: documents are tagged by the clock.

import {
  Failure,
  type Batch,
  type BatchesClient,
  type BatchRequest,
  type DataDocument,
  type SkippedFile,
} from '../client';
import { fileName } from '../../format';
import { sample } from './corpus';
import type { World } from './world';

const TICKS = 20;

const skipped = (file: string): SkippedFile => ({
  file,
  failure: {
    code: 'data',
    message: `\`${file}\` cannot be read as a table`,
    hint: 'save it as CSV in UTF-8',
  },
  taken: 0,
});

export interface FakeBatch {
  batch: Batch;
  request: BatchRequest;
  documents: DataDocument[];
  timer: ReturnType<typeof setInterval> | null;
}

export function batchCommands(world: World): BatchesClient {
  const of = (id: string): FakeBatch => {
    const found = world.batches.find((entry) => entry.batch.id === id);
    if (!found) throw new Failure('unknown-batch', `there is no batch \`${id}\``);
    return found;
  };
  const change = (entry: FakeBatch, changed: Partial<Batch>) => {
    entry.batch = { ...entry.batch, ...changed };
    for (const listener of world.listeners.batch) listener(entry.batch);
  };
  const halt = (entry: FakeBatch) => {
    if (entry.timer) clearInterval(entry.timer);
    entry.timer = null;
  };
  const go = (entry: FakeBatch) => {
    const { length } = entry.documents;
    entry.timer = setInterval(() => {
      const done = Math.min(length, entry.batch.done + Math.ceil(length / TICKS));
      const labels: Record<string, number> = {};
      for (const { entities } of entry.documents.slice(0, done))
        for (const { label } of entities) labels[label] = (labels[label] ?? 0) + 1;
      if (done >= length) halt(entry);
      change(entry, {
        status: done < length ? 'tagging' : 'finished',
        done,
        total: length,
        labels,
        seconds_left: done < length ? Math.ceil((length - done) / 20) : null,
        has_results: true,
      });
    }, world.tick);
  };
  return {
    list: async () => world.batches.map((entry) => entry.batch),
    look: async (files) =>
      files.map(({ path, column }) => {
        const name = fileName(path);
        const table = /\.(csv|tsv|parquet)$/.test(name);
        const columns = table ? ['id', 'subject', 'body'] : /\.jsonl?$/.test(name) ? ['text', 'meta'] : [];
        const wanted = typeof column === 'string' ? column : table ? 'body' : 'text';
        return {
          path,
          files: name.includes('.') ? 1 : 12,
          columns,
          column: columns.length ? columns.indexOf(wanted) : null,
          texts: name.includes('broken') ? [] : textsOf(wanted === 'subject' ? 24 : 200).slice(0, 3),
          skipped: name.includes('.') ? [] : world.unreadable.map(skipped),
          failure: name.includes('broken')
            ? { code: 'data', message: `\`${name}\` cannot be read as a table`, hint: 'save it as CSV in UTF-8' }
            : null,
        };
      }),
    start: async (request) => {
      if (world.batches.some((entry) => entry.timer)) throw new Failure('busy', 'another file is being tagged');
      const set = world.data.find((entry) => entry.set.id === request.data);
      const sources = set ? [set.set.name] : request.files.map(({ path }) => fileName(path));
      const file = sources[0] ?? '';
      const texts = set ? Object.values(set.documents).flat() : Object.values(sample).flat().slice(0, 200);
      const documents = texts.map(({ text }, at): DataDocument => {
        const entities = world.tagger(request.model, text);
        return { split: 'all', number: at, line: at + 1, file, text, entities };
      });
      const entry: FakeBatch = {
        batch: {
          id: `batch-${world.batches.length + 1}`,
          name: request.name || file,
          model: request.model,
          created: new Date().toISOString(),
          status: 'reading',
          sources,
          skipped: request.files.some((one) => !fileName(one.path).includes('.')) ? world.unreadable.map(skipped) : [],
          preparing: null,
          done: 0,
          total: 0,
          labels: {},
          seconds_left: null,
          has_results: false,
          failure: null,
        },
        request,
        documents,
        timer: null,
      };
      world.batches = [...world.batches, entry];
      go(entry);
      return entry.batch;
    },
    stop: async (id) => {
      const entry = of(id);
      halt(entry);
      change(entry, { status: 'stopped', seconds_left: null });
    },
    resume: async (id) => {
      const entry = of(id);
      change(entry, { status: 'tagging', failure: null });
      go(entry);
      return entry.batch;
    },
    remove: async (id) => {
      const entry = of(id);
      halt(entry);
      world.batches = world.batches.filter((other) => other !== entry);
      return { freed_bytes: 320_000 };
    },
    documents: async (id, { text, label, offset, limit }) => {
      const { documents, batch } = of(id);
      const wanted = text.toLowerCase();
      const found = documents
        .slice(0, batch.done)
        .filter((one) => one.text.toLowerCase().includes(wanted))
        .filter((one) => !label || one.entities.some((entity) => entity.label === label));
      return { total: found.length, complete: true, documents: found.slice(offset, offset + limit) };
    },
    export: async (id, _, format) => `/home/sam/Documents/${of(id).batch.name}.${format}`,
    onChange: (listener) => {
      world.listeners.batch.add(listener);
      return () => world.listeners.batch.delete(listener);
    },
  };
}

const textsOf = (length: number) => (sample['test'] ?? []).map(({ text }) => text.slice(0, length));

// What the in-memory shell finds in files: by their names, since there are none.

import type {
  ChosenFile,
  DataDocument,
  ImportRequest,
  InspectedFile,
  Inspection,
  InspectRequest,
  Member,
} from '../client';
import { fileName } from '../../format';
import { groupsOf } from './check';
import { dataSet, JSONL, sample, type FakeData, type FileKind, type Splits } from './corpus';
import { brokenFile, CONLL, messy } from './messy';
import { labelsOf, statisticsOf, words } from './statistics';

export function inspected({ files, repairs }: InspectRequest): Inspection {
  const read = files.map((file) => ({ file, parts: partsOf(file) }));
  const { set, documents } = together(
    'inspected',
    'inspected',
    read.flatMap(({ parts }) => parts),
    repairs,
  );
  const broken = files.filter((file) => isBroken(file)).map(() => brokenFile);
  return {
    files: read.map(({ file, parts }): InspectedFile => ({
      path: file.path,
      members: parts,
      error: isBroken(file) ? { message: brokenFile.message, hint: brokenFile.fix, line: brokenFile.line } : null,
    })),
    preview: Object.values(documents).flat().slice(0, 20),
    report: {
      ...set.check,
      issues: [...broken, ...set.check.issues],
      groups: [...groupsOf(broken), ...set.check.groups],
    },
    statistics: statisticsOf(documents),
  };
}

export function imported(id: string, request: ImportRequest): FakeData {
  const parts = request.files.flatMap(partsOf);
  return dataSet(
    id,
    request.name,
    joined(parts),
    new Date().toISOString(),
    kindOf(request.files[0]?.path ?? '', request.files[0]?.reading),
    [],
    request.repairs,
  );
}

export function isBroken(file: ChosenFile): boolean {
  return file.path.includes('broken');
}

type Part = Member & { own: DataDocument[] };

function together(id: string, name: string, parts: Part[], repairs: InspectRequest['repairs']): FakeData {
  return dataSet(id, name, joined(parts), '', JSONL, [], repairs);
}

function joined(parts: Part[]): Splits {
  const splits: Splits = {};
  for (const part of parts) splits[part.split] = [...(splits[part.split] ?? []), ...part.own];
  return splits;
}

function partsOf(file: ChosenFile): Part[] {
  if (isBroken(file)) return [];
  const folder = !/\.\w+$/.test(fileName(file.path)) || /\.zip$/.test(file.path);
  const names = folder ? ['train.conll', 'dev.conll', 'test.conll'] : [fileName(file.path)];
  return names.map((name) => {
    const split = file.split ?? (/dev|valid/.test(name) ? 'dev' : /test/.test(name) ? 'test' : 'train');
    const kind = kindOf(name, file.reading);
    const clean = sample[split] ?? [];
    const own =
      kind.extension === 'conll'
        ? (messy({ [split]: clean, ...(split === 'train' ? {} : { train: [] }) })[split] ?? [])
        : clean;
    // Where the wrong column is taken for tags there is nothing to find.
    const marked =
      (file.reading.tag_column ?? null) === null || file.reading.tag_column === tagColumn(name)
        ? own
        : own.map((doc) => ({ ...doc, entities: [] }));
    return {
      name,
      split,
      format: kind.format,
      scheme: kind.scheme,
      encoding: file.reading.encoding ?? (name.includes('latin') ? 'windows-1252' : 'utf-8'),
      documents: own.length,
      words: own.reduce((sum, doc) => sum + words(doc.text), 0),
      entities: marked.reduce((sum, doc) => sum + doc.entities.length, 0),
      labels: labelsOf(marked),
      columns: columnsOf(name, own),
      own: marked,
    };
  });
}

const tagColumn = (name: string) => (/\.(csv|tsv)$/.test(name) ? 3 : 2);

function kindOf(path: string, reading: ChosenFile['reading'] | undefined): FileKind {
  const table = reading?.format === 'table' || /\.(csv|tsv)$/.test(path);
  if (!table && reading?.format !== 'conll' && !/\.(conll|iob2?|bio)$/.test(path)) return JSONL;
  const format = {
    kind: 'conll',
    columns: 3,
    separator: 'tab',
    token_column: 0,
    tag_column: tagColumn(path),
    bare_labels: false,
  } as const;
  return {
    ...CONLL,
    format: {
      ...format,
      ...(typeof reading?.tag_column === 'number' ? { tag_column: reading.tag_column } : {}),
      ...(typeof reading?.token_column === 'number' ? { token_column: reading.token_column } : {}),
    },
    scheme: reading?.scheme ?? 'iob2',
  };
}

function columnsOf(name: string, documents: DataDocument[]): Member['columns'] {
  if (!/\.(conll|iob2?|bio|csv|tsv)$/.test(name)) return null;
  const table = /\.(csv|tsv)$/.test(name);
  const rows = documents
    .slice(0, 2)
    .flatMap((doc, sentence) =>
      [...doc.text.matchAll(/\S+/g)].map((word) => {
        const entity = doc.entities.find((one) => word.index >= one.start && word.index < one.end);
        const tag = entity ? `${word.index === entity.start ? 'B' : 'I'}-${entity.label}` : 'O';
        return [...(table ? [`Sentence ${sentence + 1}`] : []), word[0], /^\p{Lu}/u.test(word[0]) ? 'NNP' : 'NN', tag];
      }),
    )
    .slice(0, 8);
  return { names: table ? ['Sentence #', 'Word', 'POS', 'Tag'] : ['1', '2', '3'], rows };
}

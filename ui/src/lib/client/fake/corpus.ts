// The real sample corpus as the shell would hand it over, with checks and statistics counted from it.

import devLines from '../../../../../assets/samples/support-tickets/dev.jsonl?raw';
import testLines from '../../../../../assets/samples/support-tickets/test.jsonl?raw';
import trainLines from '../../../../../assets/samples/support-tickets/train.jsonl?raw';
import type { DataDocument, DataSet, DocumentQuery, LengthBin } from '../client';
import type { CheckReport, FileReport, Format, Issue, Scheme } from '../contracts';
import { unitsOfCharacters } from '../offsets';

export type Splits = Record<string, DataDocument[]>;
export interface FakeData {
  set: DataSet;
  documents: Splits;
}

const FOLDER = '/home/sam/tagsmith/data';

export const sample: Splits = {
  train: parse(trainLines, 'train'),
  dev: parse(devLines, 'dev'),
  test: parse(testLines, 'test'),
};

/** JSONL with character offsets, as the corpus is written, to documents with UTF-16 offsets. */
export function parse(lines: string, split: string): DataDocument[] {
  return lines
    .split('\n')
    .filter((line) => line.trim())
    .map((line, place) => {
      const record = JSON.parse(line) as { text: string; entities: [number, number, string][] };
      const units = unitsOfCharacters(record.text);
      return {
        split,
        line: place + 1,
        text: record.text,
        entities: record.entities.map(([from, to, label]) => {
          const start = units[from] as number;
          const end = units[to] as number;
          return { start, end, label, text: record.text.slice(start, end) };
        }),
      };
    });
}

export function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

export function dataSet(
  id: string,
  name: string,
  documents: Splits,
  imported: string,
  kind: { format: Format; scheme: Scheme | null; extension: string } = {
    format: { kind: 'jsonl-spans', spelling: 'plain' }, scheme: null, extension: 'jsonl',
  },
  issues: Issue[] = [],
): FakeData {
  const files = Object.entries(documents).map(([split, docs]): FileReport => {
    const labels: Record<string, number> = {};
    for (const entity of docs.flatMap((doc) => doc.entities)) labels[entity.label] = (labels[entity.label] ?? 0) + 1;
    return {
      split,
      path: `${FOLDER}/${id}/${split}.${kind.extension}`,
      format: kind.format,
      scheme: kind.scheme,
      documents: docs.length,
      words: docs.reduce((sum, doc) => sum + words(doc.text), 0),
      entities: docs.reduce((sum, doc) => sum + doc.entities.length, 0),
      labels,
      repaired_tags: issues.filter((issue) => issue.code === 'tag-repaired').length,
      dropped_spans: 0,
      skipped_documents: 0,
    };
  });
  const check: CheckReport = { files, issues };
  const lengths = Object.values(documents).flat().map((doc) => words(doc.text));
  return {
    set: { id, name, imported, check, lengths: histogram(lengths), longest_words: Math.max(0, ...lengths) },
    documents,
  };
}

export function histogram(lengths: number[], width = 10): LengthBin[] {
  const longest = Math.max(0, ...lengths);
  const bins = Array.from({ length: Math.floor(longest / width) + 1 }, (_, place) => ({
    from: place * width, to: (place + 1) * width, count: 0,
  }));
  for (const length of lengths) (bins[Math.floor(length / width)] as LengthBin).count += 1;
  return bins;
}

export function search(documents: Splits, query: DocumentQuery): { total: number; documents: DataDocument[] } {
  const wanted = query.text.toLowerCase();
  const found = Object.entries(documents)
    .filter(([split]) => query.split === 'all' || query.split === split)
    .flatMap(([, docs]) => docs)
    .filter((doc) => !wanted || doc.text.toLowerCase().includes(wanted))
    .filter((doc) => !query.label || doc.entities.some((entity) => entity.label === query.label));
  return { total: found.length, documents: found.slice(query.offset, query.offset + query.limit) };
}

/** Faults as the engine's reader reports them, for a set that is worth mending. */
export const faults: Issue[] = [
  {
    severity: 'warning', code: 'tag-repaired', file: `${FOLDER}/field-notes/train.conll`, line: 118, column: 14,
    found: 'I-ORG after O', message: 'an entity starts with `I-ORG`; it was read as `B-ORG`',
    fix: 'write `B-ORG` on the first word of each entity',
  },
  {
    severity: 'warning', code: 'tag-repaired', file: `${FOLDER}/field-notes/train.conll`, line: 342, column: 9,
    found: 'I-DATE after B-PERSON', message: 'an entity starts with `I-DATE`; it was read as `B-DATE`',
    fix: 'write `B-DATE` on the first word of each entity',
  },
  {
    severity: 'warning', code: 'label-not-in-train', file: `${FOLDER}/field-notes/dev.conll`, line: 0, column: null,
    found: 'LOCATION', message: 'the label `LOCATION` (2 in `dev`) never occurs in `train`: it cannot be learned',
    fix: 'check its spelling, or add examples to the training data',
  },
  {
    severity: 'info', code: 'duplicate', file: `${FOLDER}/field-notes/train.conll`, line: 0, column: null,
    found: '', message: '3 documents repeat the text of another one in this file', fix: null,
  },
];

export const brokenFile: Issue = {
  severity: 'error', code: 'row-too-short', file: '/home/sam/Documents/broken.conll', line: 27, column: 1,
  found: 'Balthasar', message: 'this row has 1 column, the others have 2',
  fix: 'put a tag after the word, with a tab or a space between the two',
};

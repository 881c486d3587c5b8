// The real sample corpus as the shell would hand it over, and data sets made of it.

import devLines from '../../../../../assets/samples/support-tickets/dev.jsonl?raw';
import testLines from '../../../../../assets/samples/support-tickets/test.jsonl?raw';
import trainLines from '../../../../../assets/samples/support-tickets/train.jsonl?raw';
import type { DataDocument, DataSet, DocumentPage, DocumentQuery, Repair } from '../client';
import type { CheckReport, FileReport, Format, Issue, Scheme } from '../contracts';
import { unitsOfCharacters } from '../offsets';
import { findingsOf, groupsOf } from './check';
import { repaired } from './repairs';
import { histogram, labelsOf, words } from './statistics';

export type Splits = Record<string, DataDocument[]>;
export interface FakeData {
  set: DataSet;
  documents: Splits;
  /** As they were read, before any repair. */
  source: Splits;
  findings: Issue[];
  /** Found while reading, whatever is repaired later. */
  read: Issue[];
  kind: FileKind;
}
export interface FileKind {
  format: Format;
  scheme: Scheme | null;
  extension: string;
}

export const FOLDER = '/home/sam/tagsmith/data';
export const JSONL: FileKind = { format: { kind: 'jsonl-spans', spelling: 'plain' }, scheme: null, extension: 'jsonl' };

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
        number: place,
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

export function dataSet(
  id: string,
  name: string,
  source: Splits,
  imported: string,
  kind: FileKind = JSONL,
  read: Issue[] = [],
  repairs: Repair[] = [],
  version = 0,
  undone: Repair[] = [],
): FakeData {
  const path = (split: string) => `${FOLDER}/${id}/${split}.${kind.extension}`;
  const documents = numbered(repairs.reduce(repaired, source));
  const tagsMended = repairs.some((one) => one.repair === 'repair-tags');
  const still = read.filter((issue) => !(tagsMended && issue.code === 'tag-repaired'));
  const findings = [...still, ...findingsOf(documents, path)];
  const files = Object.entries(documents).map(([split, docs]): FileReport => ({
    split,
    path: path(split),
    format: kind.format,
    scheme: kind.scheme,
    documents: docs.length,
    words: docs.reduce((sum, doc) => sum + words(doc.text), 0),
    entities: docs.reduce((sum, doc) => sum + doc.entities.length, 0),
    labels: labelsOf(docs),
    repaired_tags: read.filter((issue) => issue.code === 'tag-repaired').length,
    dropped_spans: 0,
    skipped_documents: 0,
  }));
  const check: CheckReport = { files, issues: findings.slice(0, 100), groups: groupsOf(findings) };
  const lengths = Object.values(documents)
    .flat()
    .map((doc) => words(doc.text));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  return {
    set: { id, name, imported, check, lengths: histogram(lengths), longest_words: longest, repairs, undone, version },
    documents,
    source,
    findings,
    read,
    kind,
  };
}

/** The same data set with other repairs. */
export function withRepairs({ set, source, kind, read }: FakeData, repairs: Repair[], undone: Repair[]): FakeData {
  return dataSet(set.id, set.name, source, set.imported, kind, read, repairs, set.version + 1, undone);
}

/** Each document with its number in its part. */
function numbered(splits: Splits): Splits {
  return Object.fromEntries(
    Object.entries(splits).map(([split, docs]) => [split, docs.map((doc, number) => ({ ...doc, split, number }))]),
  );
}

/** The last search of each data set, as the store remembers it: its pages cost nothing more. */
const searches = new WeakMap<FakeData, { asked: string; found: DataDocument[] }>();

export function search(data: FakeData, { offset, limit, ...query }: DocumentQuery): DocumentPage {
  const asked = JSON.stringify(query);
  let last = searches.get(data);
  if (last?.asked !== asked) searches.set(data, (last = { asked, found: found(data, query) }));
  return { total: last.found.length, complete: true, documents: last.found.slice(offset, offset + limit) };
}

function found({ documents, findings }: FakeData, query: Omit<DocumentQuery, 'offset' | 'limit'>): DataDocument[] {
  const wanted = query.text.toLowerCase();
  const concerned = new Set(
    findings
      .filter((issue) => issue.code === query.finding && issue.place)
      .map((issue) => `${issue.place?.split} ${issue.place?.document}`),
  );
  return Object.entries(documents)
    .filter(([split]) => query.split === 'all' || query.split === split)
    .flatMap(([split, docs]) => (query.finding ? docs.filter((_, place) => concerned.has(`${split} ${place}`)) : docs))
    .filter((doc) => !wanted || doc.text.toLowerCase().includes(wanted))
    .filter((doc) => !query.label || doc.entities.some((entity) => entity.label === query.label));
}

// Data sets of the in-memory shell: recorded versions under the names that a library gives them.

import type { DataDocument, DataSet, DocumentPage, DocumentQuery } from '../client';
import { AS_FOUND } from '../../state/import-form.svelte';
import { documentsOf, type Made, type Splits, type Version, versionOf } from './recorded';

export interface FakeData {
  set: DataSet;
  made: Made;
  version: Version;
  documents: Splits;
}

const filesOf = (...names: string[]): Made => ({
  files: names.map((name) => ({ name, split: null, reading: AS_FOUND })),
  repairs: [],
});
export const SUPPORT_TICKETS = filesOf('train.jsonl', 'dev.jsonl', 'test.jsonl');
export const FIELD_NOTES = filesOf('notes.jsonl', 'old-notes.conll', 'dev.jsonl');

/** The documents of the sample corpus. */
export const sample: Splits = documentsOf(versionOf(SUPPORT_TICKETS));

export function dataSet(
  id: string,
  name: string,
  made: Made,
  imported = new Date().toISOString(),
  version = 0,
  { undone, at_once, ignored }: Partial<Pick<DataSet, 'undone' | 'at_once' | 'ignored'>> = {},
): FakeData {
  const recorded = versionOf(made);
  const { check, lengths, longest_words } = recorded;
  return {
    set: {
      ...{ id, name, imported, check, lengths, longest_words, version },
      ...{ repairs: made.repairs, undone: undone ?? [], at_once: at_once ?? [], ignored: ignored ?? {} },
    },
    made,
    version: recorded,
    documents: documentsOf(recorded),
  };
}

/** The next version of a data set. */
export function nextVersion(
  { set }: FakeData,
  made: Made,
  history: Pick<DataSet, 'undone' | 'at_once'> = { undone: [] },
): FakeData {
  return dataSet(set.id, set.name, made, set.imported, set.version + 1, { ...history, ignored: set.ignored });
}

/** The last search of each data set, cached as the store does. */
const searches = new WeakMap<FakeData, { asked: string; found: DataDocument[] }>();

export function search(data: FakeData, { offset, limit, ...query }: DocumentQuery): DocumentPage {
  const asked = JSON.stringify(query);
  let last = searches.get(data);
  if (last?.asked !== asked) searches.set(data, (last = { asked, found: found(data, query) }));
  return { total: last.found.length, complete: true, documents: last.found.slice(offset, offset + limit) };
}

function found({ documents, version }: FakeData, query: Omit<DocumentQuery, 'offset' | 'limit'>): DataDocument[] {
  const wanted = query.text.toLowerCase();
  const concerned = new Set(
    version.findings
      .filter((issue) => [issue.code, issue.cause].includes(query.finding ?? '') && issue.place)
      .map((issue) => `${issue.place?.split} ${issue.place?.document}`),
  );
  return Object.entries(documents)
    .filter(([split]) => query.split === 'all' || query.split === split)
    .flatMap(([split, docs]) => (query.finding ? docs.filter((_, at) => concerned.has(`${split} ${at}`)) : docs))
    .filter((doc) => !wanted || doc.text.toLowerCase().includes(wanted))
    .filter((doc) => !query.label || doc.entities.some((entity) => entity.label === query.label));
}

// The state of the data screens: paging through many documents, overlapping jobs, label forms, marks, bins.

import { waitFor } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import {
  Failure,
  type Client,
  type DocumentPage,
  type DocumentQuery,
  type Progress,
  type Repair,
} from '../src/lib/client/client';
import { createFake } from '../src/lib/client/fake';
import { coarser, summed } from '../src/lib/shared/bins';
import { pieces } from '../src/lib/shared/marks';
import { CHAPTER, Documents, PAGE } from '../src/lib/state/documents.svelte';
import { ImportForm } from '../src/lib/state/import-form.svelte';
import { Job } from '../src/lib/state/job.svelte';
import { LabelForm } from '../src/lib/state/labels.svelte';
import { titleOf } from '../src/lib/state/repairs';

const rest = () => new Promise((resolve) => setTimeout(resolve, 0));

function documentsOver(answer: (query: DocumentQuery) => Partial<DocumentPage>) {
  const asked: DocumentQuery[] = [];
  const ask = async (query: DocumentQuery): Promise<DocumentPage> => {
    asked.push(query);
    return { total: 0, complete: true, documents: [], ...answer(query) };
  };
  return { ask, asked };
}

test('a search keeps counting until it is complete', async () => {
  const totals = [150, 4_000, 9_137];
  const { ask, asked } = documentsOver(() => {
    const total = totals.shift() ?? 9_137;
    return { total, complete: total === 9_137 };
  });
  const documents = new Documents(ask);
  await waitFor(() => expect(documents.total).toBe(9_137));
  expect(documents.counting).toBe(false);
  expect(asked.map((query) => query.limit)).toEqual([PAGE, 1, 1]);
});

test('a new search stops the counting of the previous one', async () => {
  const { ask } = documentsOver((query) => (query.text === 'new' ? { total: 2 } : { total: 100, complete: false }));
  const documents = new Documents(ask);
  await rest();
  expect(documents.counting).toBe(true);
  documents.text = 'new';
  await documents.restart();
  await rest();
  expect([documents.total, documents.counting]).toEqual([2, false]);
});

test('a million documents are shown in chapters, each row at its place', async () => {
  const { ask, asked } = documentsOver(() => ({ total: 1_000_000 }));
  const documents = new Documents(ask, { split: 'train', document: 2 * CHAPTER + 150 });
  await rest();
  expect([documents.chapters, documents.chapter, documents.rows]).toEqual([5, 2, CHAPTER]);
  documents.need(150, 150);
  await rest();
  expect(asked.at(-1)).toMatchObject({ split: 'train', offset: 2 * CHAPTER + PAGE });
});

test('a search with too few results for the open chapter goes back to the first', async () => {
  let total = 500_000;
  const { ask } = documentsOver(() => ({ total }));
  const documents = new Documents(ask);
  await rest();
  documents.chapter = 2;
  total = 3;
  await documents.restart();
  expect([documents.chapter, documents.rows]).toEqual([0, 3]);
});

test('a new job cancels the previous one', async () => {
  const cancelled: string[] = [];
  const listeners = new Set<(progress: Progress) => void>();
  const client = {
    data: {
      cancel: async (job: string) => void cancelled.push(job),
      onProgress: (listener: (progress: Progress) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  } as unknown as Client;
  const job = new Job(client);
  const names: string[] = [];
  const ends: ((value: string) => void)[] = [];
  const begin = () =>
    job.run(
      (name) =>
        new Promise<string>((end) => {
          names.push(name);
          ends.push(end);
        }),
    );
  const first = begin();
  const second = begin();
  expect(cancelled).toEqual([names[0]]);
  for (const listener of listeners) listener({ job: names[0] ?? '', stage: 'reading', done: 1, total: 2 });
  expect(job.progress).toBeNull();
  for (const listener of listeners) listener({ job: names[1] ?? '', stage: 'reading', done: 2, total: 2 });
  expect(job.progress?.done).toBe(2);
  ends[0]?.('old');
  expect(await first).toBeUndefined();
  expect(job.busy).toBe(true);
  ends[1]?.('new');
  expect(await second).toBe('new');
  expect([job.busy, listeners.size]).toEqual([false, 0]);
});

test('a job that the user cancelled has not failed, one that was refused has', async () => {
  const { client, switches } = createFake({ tick: 20 });
  const job = new Job(client);
  const running = job.run((name) => client.data.undo('field-notes', name));
  job.cancel();
  expect(await running).toBeUndefined();
  expect([job.cancelled, job.failure]).toEqual([true, undefined]);
  switches.refuse('data.undo', new Failure('in-use', 'a run is using this data'));
  await job.run((name) => client.data.undo('field-notes', name));
  expect([job.cancelled, job.failure?.code, job.busy]).toEqual([false, 'in-use', false]);
});

test('quick changes cause one inspection', async () => {
  const { client } = createFake({ tick: 1 });
  let times = 0;
  const inspect = client.data.inspect;
  client.data.inspect = (request, job) => {
    times += 1;
    return inspect(request, job);
  };
  const form = new ImportForm(client);
  form.add(['/x/a.csv']);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(times).toBe(1);
  form.setReading('/x/a.csv', { encoding: 'windows-1252' });
  form.setReading('/x/a.csv', { scheme: 'iob2' });
  form.setSplit('/x/a.csv', 'test');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(times).toBe(2);
  expect(form.files[0]).toMatchObject({ split: 'test', reading: { encoding: 'windows-1252', scheme: 'iob2' } });
});

test('an import is named after its first file, until the user renames it', () => {
  const { client } = createFake({ tick: 1 });
  for (const [path, name] of [
    ['/x/notes.conll', 'notes'],
    ['C:\\data\\notes.jsonl.gz', 'notes'],
    ['/x/corpus', 'corpus'],
    ['/x/set.zip', 'set'],
    ['/x/wnut17/train.conll', 'wnut17'],
    ['C:\\data\\notes\\dev.jsonl.gz', 'notes'],
    ['train.conll', 'train'],
  ] as const) {
    const form = new ImportForm(client);
    form.add([path]);
    expect(form.name).toBe(name);
    form.dispose();
  }
  const form = new ImportForm(client);
  form.setName('Mine');
  form.add(['/x/notes.conll', '/x/notes.conll']);
  expect([form.name, form.files.length]).toEqual(['Mine', 1]);
  form.dispose();
});

test('shares that leave no training data are refused', () => {
  const { client } = createFake();
  const form = new ImportForm(client);
  for (const [dev, test, fault] of [
    [10, 10, false],
    [60, 40, true],
    [-5, 10, true],
    [NaN, 10, true],
    [0, 0, false],
  ] as const) {
    form.devShare = dev;
    form.testShare = test;
    expect(form.shareFault).toBe(fault);
  }
});

test('splits without a file are held out before the chosen repairs', async () => {
  const { client } = createFake({ tick: 1 });
  const asked: Repair[][] = [];
  const real = client.data.import;
  client.data.import = (request, job) => {
    asked.push(request.repairs);
    return real(request, job);
  };
  const form = new ImportForm(client);
  form.add(['/x/notes.jsonl']);
  form.addRepairs([{ repair: 'trim-spans' }]);
  await waitFor(() => expect(form.ready).toBe(true));
  form.testShare = 0;
  await form.import();
  form.add(['/x/dev.jsonl', '/x/test.jsonl']);
  await waitFor(() => expect(form.inspecting.busy).toBe(false));
  await form.import();
  expect(asked).toEqual([
    [{ repair: 'hold-out', shares: { dev: 0.1 }, seed: 42 }, { repair: 'trim-spans' }],
    [{ repair: 'trim-spans' }],
  ]);
});

test('a label that ends with a space is not changed before a person changes it', () => {
  const form = new LabelForm(() => ['PRODUCT', 'PRODUCT ']);
  expect(form.repair).toBeNull();
  form.names = { 'PRODUCT ': 'PRODUCT' };
  expect(form.repair).toEqual({ repair: 'map-labels', labels: { 'PRODUCT ': 'PRODUCT' } });
  form.discard();
  expect(form.count).toBe(0);
});

test('labels that swap their names are not merged', () => {
  const form = new LabelForm(() => ['A', 'B', 'C']);
  form.names['A'] = 'B';
  expect(form.joins('A')).toBe('B');
  form.names['B'] = 'A';
  flushSync();
  expect([form.joins('A'), form.joins('B')]).toEqual([null, null]);
  expect(form.repair).toEqual({ repair: 'map-labels', labels: { A: 'B', B: 'A' } });
  form.dropped['C'] = true;
  expect(form.changes).toEqual({ A: 'B', B: 'A', C: null });
  form.discard();
  expect(form.repair).toBeNull();
});

const entity = (start: number, end: number) => ({ start, end, label: 'A', text: '' });

test('a highlighted range cuts plain text, and includes entities as a whole', () => {
  const cut = (entities: ReturnType<typeof entity>[], range: [number, number]) =>
    pieces('0123456789', entities, range).map(
      (piece) => `${piece.entity ? 'E' : ''}${piece.pointed ? '*' : ''}${piece.parts.map(({ text }) => text).join('')}`,
    );
  expect(cut([], [2, 4])).toEqual(['01', '*23', '456789']);
  expect(cut([entity(3, 6)], [4, 8])).toEqual(['012', 'E*345', '*67', '89']);
  expect(cut([entity(0, 3)], [0, 10])).toEqual(['E*012', '*3456789']);
  expect(cut([], [8, 20])).toEqual(['01234567', '*89']);
});

test('bins are summed and widened without losing a count', () => {
  const bins = Array.from({ length: 50 }, (_, place) => ({ from: place * 10, to: place * 10 + 10, count: place }));
  const wide = coarser(bins, 24);
  expect(wide.length).toBeLessThanOrEqual(24);
  expect([wide[0], wide.at(-1)]).toEqual([
    { from: 0, to: 30, count: 3 },
    { from: 480, to: 500, count: 97 },
  ]);
  expect(wide.reduce((sum, bin) => sum + bin.count, 0)).toBe((49 * 50) / 2);
  expect(
    summed([
      [{ from: 0, to: 5, count: 1 }],
      [
        { from: 0, to: 5, count: 2 },
        { from: 5, to: 10, count: 4 },
      ],
    ]),
  ).toEqual([
    { from: 0, to: 5, count: 3 },
    { from: 5, to: 10, count: 4 },
  ]);
});

test('an unknown kind of finding is shown as its code in words', () => {
  expect(titleOf('quite-a-new-one')).toBe('Quite a new one');
});

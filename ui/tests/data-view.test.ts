// Data: without data, while it is read, refused, and at work.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.data;

test('without data it offers import and sample', async () => {
  await openAt('Data', { scenario: 'empty' });
  expect(await screen.findByText(words.empty)).toBeTruthy();
  await click(words.sample);
  expect(await screen.findByText(words.files)).toBeTruthy();
});

test('it waits for the data sets', async () => {
  await openAt('Data', { prepare: (switches) => switches.hang('data.list') });
  expect(await screen.findByText(words.loading)).toBeTruthy();
});

test('data sets that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Data', { prepare: (all) => all.refuse('data.list') });
  expect(await screen.findByText(words.failed)).toBeTruthy();
  switches.allow('data.list');
  await click(strings.common.retry);
  expect(await screen.findByText(words.files)).toBeTruthy();
});

test('the overview counts what the files hold', async () => {
  await openAt('Data');
  const cells = (await screen.findAllByRole('cell')).map((cell) => cell.textContent);
  expect(cells.slice(3, 6)).toEqual(['320', '7,232', '1,026']);
});

test('documents are found by word and label', async () => {
  await openAt('Data');
  await click(words.tabs.documents, 'tab');
  expect(await screen.findByText('480 documents')).toBeTruthy();
  await choose(words.label, 'ERROR_CODE');
  await choose(words.search, 'HTTP');
  expect(await screen.findByText(/^\d{1,2} documents?$/)).toBeTruthy();
  await choose(words.search, 'no such words');
  expect(await screen.findByText(words.noneFound)).toBeTruthy();
  await click(words.removeFilters);
  expect(await screen.findByText('480 documents')).toBeTruthy();
});

test('a refusal while reading documents can be tried again', async () => {
  const { switches } = await openAt('Data', { prepare: (all) => all.refuse('data.documents') });
  await click(words.tabs.documents, 'tab');
  expect(await screen.findByText(words.documentsFailed)).toBeTruthy();
  switches.allow('data.documents');
  await click(strings.common.retry);
  expect(await screen.findByText('480 documents')).toBeTruthy();
});

test('issues name line, finding and fix', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Issues/, 'tab');
  expect(await screen.findByText('118:14')).toBeTruthy();
  expect(screen.getByText('write `B-ORG` on the first word of each entity')).toBeTruthy();
});

test('a file is chosen, checked and imported', async () => {
  const { world } = await openAt('Data');
  await click(words.import);
  await click(/^Choose….*Training file/);
  expect(await screen.findByText(/^320 documents, 1,026 entities/)).toBeTruthy();
  await click(words.importer.go);
  expect(await screen.findByText(words.importer.done('tickets-2026'))).toBeTruthy();
  expect(world.data.at(-1)?.set.check.files.map((file) => [file.split, file.documents])).toEqual([['train', 256], ['dev', 32], ['test', 32]]);
});

test('a broken file is not imported, and says where it is broken', async () => {
  const { world } = await openAt('Data');
  world.nextFile = '/home/sam/Documents/broken.conll';
  await click(words.import);
  await click(/^Choose….*Training file/);
  expect(await screen.findByText(words.importer.blocked)).toBeTruthy();
  expect(screen.getByText('27:1')).toBeTruthy();
  expect((screen.getByRole('button', { name: words.importer.go }) as HTMLButtonElement).disabled).toBe(true);
});

test('dropped files open the import with their parts', async () => {
  const { world } = await openAt('Data');
  await screen.findByText(words.files);
  for (const listener of world.listeners.drag) listener({ phase: 'drop', paths: ['/x/a.jsonl', '/x/a-test.jsonl'] });
  expect(await screen.findByText('a-test.jsonl')).toBeTruthy();
  expect(screen.queryByText(words.importer.testShare)).toBeNull();
});

test('a deletion that is refused leaves the set and says why', async () => {
  const { world } = await openAt('Data', {
    prepare: (switches) => switches.refuse('data.remove', new Failure('in-use', 'a run is using this data', 'wait until it is done')),
  });
  await click(words.remove);
  await click(strings.common.remove);
  expect(await screen.findByText('a run is using this data')).toBeTruthy();
  expect(world.data).toHaveLength(2);
});

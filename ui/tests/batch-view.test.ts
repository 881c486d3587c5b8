// Tag files: choosing, progress, stopping and resuming, results, export.

import { screen, waitFor } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.batch;
const NAME = strings.shell.names.batch;

test('without a trained model it leads to training', async () => {
  await openAt(NAME, { scenario: 'empty' });
  expect((await screen.findAllByText(words.noModel)).length).toBeGreaterThan(0);
  await click(strings.highlight.goTrain);
  expect(await screen.findByRole('heading', { name: strings.train.title, level: 1 })).toBeTruthy();
});

test('the list that cannot be read can be tried again', async () => {
  const { switches } = await openAt(NAME, { prepare: (all) => all.refuse('batches.list') });
  expect(await screen.findByText(words.failed)).toBeTruthy();
  switches.allow('batches.list');
  await click(strings.common.retry);
  expect(await screen.findByText(words.none)).toBeTruthy();
});

test('a table is tagged from the column that is chosen, searched and exported', async () => {
  const { world } = await openAt(NAME);
  world.nextFiles = ['/x/tickets.csv'];
  expect(await screen.findByText(words.needFiles)).toBeTruthy();
  await click(words.pickFiles);
  expect(((await screen.findByLabelText(words.column)) as HTMLSelectElement).value).toBe('body');
  await choose(words.column, 'subject');
  await waitFor(() => expect((screen.getByLabelText(words.column) as HTMLSelectElement).value).toBe('subject'));
  await click(words.start);
  await waitFor(() => expect(world.batches[0]?.batch.status).toBe('finished'), { timeout: 10_000 });
  expect(world.batches[0]?.request.files).toEqual([{ path: '/x/tickets.csv', column: 'subject' }]);
  expect(await screen.findByText('200 documents')).toBeTruthy();
  await choose(strings.data.search, 'no such words');
  expect(await screen.findByText(strings.data.noneFound)).toBeTruthy();
  await click(strings.data.removeFilters);
  await choose(words.format, 'html');
  await click(words.export);
  expect(await screen.findByText(words.exported('/home/sam/Documents/tickets.csv.html'))).toBeTruthy();
}, 20_000);

test('with a search on screen, the export asks which documents it is to hold', async () => {
  const { world, client } = await openAt(NAME);
  const exported = vi.spyOn(client.batches, 'export');
  world.nextFiles = ['/x/tickets.csv'];
  await click(words.pickFiles);
  await screen.findByLabelText(words.column);
  await click(words.start);
  await waitFor(() => expect(world.batches[0]?.batch.status).toBe('finished'), { timeout: 10_000 });
  await choose(strings.data.search, 'EXPORT');
  const status = () => document.querySelector('.filters [role=status]')?.textContent ?? '';
  await waitFor(() => expect(status()).not.toBe(strings.data.found(200)));
  const shown = Number(/\d+/.exec(status())?.[0]);
  expect(shown).toBeLessThan(200);
  // What was searched for is marked, also in other capitals and within an entity.
  const found = [...document.querySelectorAll('[data-found]')];
  expect(found.length).toBeGreaterThan(0);
  for (const one of found) expect(one.textContent?.toLowerCase()).toBe('export');
  await click(words.export);
  expect(await screen.findByText(words.exportAbout(shown, 200))).toBeTruthy();
  await click(words.exportShown(shown));
  await waitFor(() => expect(exported).toHaveBeenCalledOnce());
  expect(exported.mock.calls[0]?.[1]).toMatchObject({ text: 'EXPORT', label: null });
  await click(words.export);
  await click(words.exportAll(200));
  await waitFor(() => expect(exported).toHaveBeenCalledTimes(2));
  expect(exported.mock.calls[1]?.[1]).toMatchObject({ text: '', label: null });
  expect(await screen.findByText(words.exported('/home/sam/Documents/tickets.csv.csv'))).toBeTruthy();
}, 20_000);

test('it is stopped, resumed and deleted', async () => {
  const { world } = await openAt(NAME, { tick: 60 });
  world.nextFiles = ['/x/notes.txt'];
  await click(words.pickFiles);
  await screen.findByText(words.whole);
  await click(words.start);
  await click(strings.common.stop);
  await waitFor(() => expect(world.batches[0]?.batch.status).toBe('stopped'));
  await click(words.resume);
  await waitFor(() => expect(world.batches[0]?.batch.status).toBe('finished'), { timeout: 10_000 });
  await click(words.delete);
  await click(strings.common.remove);
  await waitFor(() => expect(world.batches).toHaveLength(0));
}, 20_000);

test('a file that cannot be read says why, and nothing starts', async () => {
  const { world } = await openAt(NAME);
  world.nextFiles = ['/x/broken.csv'];
  await click(words.pickFiles);
  expect(await screen.findByText(words.needReadable)).toBeTruthy();
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(true);
});

test('a file of a folder that cannot be read is left out, before the start and after', async () => {
  const { world } = await openAt(NAME);
  world.unreadable = ['old/broken.csv'];
  await click(words.pickFolder);
  expect(await screen.findByText(words.skipped.before.title(1))).toBeTruthy();
  expect(screen.getByText(words.skipped.before.taken(0))).toBeTruthy();
  await click(words.start);
  await waitFor(() => expect(world.batches[0]?.batch.status).toBe('finished'), { timeout: 10_000 });
  const entry = world.batches[0]!;
  const [file] = entry.batch.skipped ?? [];
  expect(await screen.findByText(words.skipped.after.title(1))).toBeTruthy();
  expect(screen.getByText(words.skipped.after.taken(0))).toBeTruthy();
  // Of one that breaks off, what came before the fault is in the results.
  for (const listener of world.listeners.batch) listener({ ...entry.batch, skipped: [{ ...file!, taken: 4 }] });
  expect(await screen.findByText('4 texts before the fault were taken, and the rest left out.')).toBeTruthy();
  expect(screen.getAllByText('old/broken.csv').length).toBeGreaterThan(0);
}, 20_000);

test('a start that is refused says why and keeps the form', async () => {
  const { world } = await openAt(NAME, {
    prepare: (all) => all.refuse('batches.start', new Failure('disk', 'the disk is full', 'make room')),
  });
  world.nextFiles = ['/x/notes.txt'];
  await click(words.pickFiles);
  await screen.findByText(words.whole);
  await click(words.start);
  expect(await screen.findByText('The disk is full')).toBeTruthy();
  expect(screen.getByText('notes.txt')).toBeTruthy();
});

test('a data set is tagged from Data', async () => {
  await openAt('Data');
  await click(strings.data.tag);
  expect(await screen.findByRole('button', { name: words.remove('Support tickets') })).toBeTruthy();
});

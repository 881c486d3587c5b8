// Models: the shelf, the Hub and the library, each waiting, refused, empty and at work.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.models;

test('the shelf stands there before anything is asked of the Hub', async () => {
  await openAt('Models', { scenario: 'empty', prepare: (switches) => switches.refuse('models.search') });
  expect(await screen.findByText('BERT base, cased')).toBeTruthy();
  expect(screen.getAllByText(/Comes with Tagsmith/).length).toBeGreaterThan(0);
});

test.each([
  ['models.shelf', words.tabs.shelf, words.shelfLoading, words.shelfFailed, /^BERT base, cased/],
  ['models.search', words.tabs.search, words.searching, words.searchFailed, /^dslim\/bert-base-NER/],
  ['models.library', words.tabs.library, words.libraryLoading, words.libraryFailed, /^starter/],
] as const)('%s: waiting, refused, tried again', async (command, tab, waiting, failed, row) => {
  const { switches } = await openAt('Models', { prepare: (all) => all.refuse(command) });
  await click(new RegExp(`^${tab}`), 'tab');
  expect(await screen.findByText(failed)).toBeTruthy();
  switches.allow(command);
  switches.hang(command);
  await click(strings.common.retry);
  expect(await screen.findByText(waiting)).toBeTruthy();
});

test('a search that finds nothing says so, and one that does is sorted', async () => {
  await openAt('Models');
  await click(words.tabs.search, 'tab');
  await choose(words.search, 'https://huggingface.co/dslim/bert');
  expect(await screen.findByText('dslim/bert-large-NER')).toBeTruthy();
  await choose(words.search, 'nothing like this');
  expect(await screen.findByText(words.searchEmpty)).toBeTruthy();
});

test('a download runs to its end and the model can be used', async () => {
  const { world } = await openAt('Models', { scenario: 'empty' });
  await click(/^SciBERT/);
  await click(/^Download/);
  expect(await screen.findByText(words.cancelDownload)).toBeTruthy();
  expect(await screen.findByText(words.downloaded('allenai/scibert_scivocab_uncased'))).toBeTruthy();
  expect(world.models).toHaveLength(2);
  await click(words.use);
  expect(((await screen.findByLabelText(strings.train.model)) as HTMLSelectElement).value).toBe('allenai/scibert_scivocab_uncased');
});

test('a download is cancelled', async () => {
  const { world } = await openAt('Models', { beat: 1000 });
  await click(/^SciBERT/);
  await click(/^Download/);
  await click(words.cancelDownload);
  expect(await screen.findByRole('button', { name: /^Download/ })).toBeTruthy();
  expect(world.downloads.get('allenai/scibert_scivocab_uncased')?.state).toBe('cancelled');
});

test('a refused download says why', async () => {
  await openAt('Models', { prepare: (switches) => switches.refuse('models.download', new Failure('disk-full', 'the disk has 2 MB left', 'free some space')) });
  await click(/^SciBERT/);
  await click(/^Download/);
  expect(await screen.findByText('the disk has 2 MB left')).toBeTruthy();
});

test('a family that cannot be trained cannot be downloaded', async () => {
  await openAt('Models');
  await click(/^DistilBERT/);
  expect(((await screen.findByRole('button', { name: /^Download/ })) as HTMLButtonElement).disabled).toBe(true);
});

test('deleting says what it frees', async () => {
  const { world } = await openAt('Models');
  await click(/^BERT base, cased/);
  await click(words.remove);
  expect(await screen.findByText(words.removeAbout(437_200_000))).toBeTruthy();
  const buttons = await screen.findAllByRole('button', { name: words.remove });
  buttons.at(-1)?.click();
  expect(await screen.findByText(strings.common.freed(437_200_000))).toBeTruthy();
  expect(world.models.map((model) => model.name)).not.toContain('google-bert/bert-base-cased');
});

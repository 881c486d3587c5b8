// Models: recommended ones, the Hub and the library, each loading, failed, empty and in use.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, onTestFinished, test } from 'vitest';
import { DOWNLOAD_CODES, Failure } from '../src/lib/client/client';
import { shelf } from '../src/lib/client/fake/models';
import { bytes } from '../src/lib/format';
import { strings } from '../src/lib/strings';
import { choose, click, openAt, plain } from './mount';

const words = strings.models;

/** Every recommended model can be trained, so one is made for a test that cannot. */
function untrainable(id: string, reason: string) {
  const entry = shelf.find((model) => model.id === id)!;
  const before = { ...entry };
  onTestFinished(() => void Object.assign(entry, before));
  Object.assign(entry, { trainable: false, reason });
}

test('the recommended models appear before any request to the Hub', async () => {
  await openAt('Models', { scenario: 'empty', prepare: (switches) => switches.refuse('models.search') });
  expect(await screen.findByText('BERT base, cased')).toBeTruthy();
  expect(screen.getAllByText(/Trains in minutes|trains in minutes/).length).toBeGreaterThan(0);
});

test('a model that is here has one size, in the list and in its details', async () => {
  await openAt('Models');
  const row = await screen.findByRole('button', { name: /^BERT base, cased/ });
  row.click();
  await screen.findByRole('heading', { name: 'BERT base, cased' });
  const size = () => screen.getByText(words.facts.size).nextElementSibling?.textContent ?? '';
  await waitFor(() => expect(size()).toBe(bytes(438_200_000)));
  expect(plain(row.textContent ?? '')).toContain(plain(size()));
});

test('the shelf is filtered by its words and its groups, and says why a model cannot be trained', async () => {
  untrainable('microsoft/deberta-v3-small', 'Its tokenizer splits text into words with MeCab');
  await openAt('Models', { scenario: 'empty' });
  await choose(words.shelfFilter, 'roberta spanish');
  expect(await screen.findByText('RoBERTa BNE')).toBeTruthy();
  expect(screen.queryByText('RoBERTa base')).toBeNull();
  await choose(words.shelfFilter, 'nothing like this');
  expect(await screen.findByText(words.shelfEmpty)).toBeTruthy();
  await choose(words.shelfFilter, '');
  await choose(words.shelfGroup, 'Many languages');
  expect(await screen.findByText('XLM-RoBERTa base')).toBeTruthy();
  expect(screen.queryByText('BERT base, cased')).toBeNull();
  await choose(words.shelfGroup, '');
  await click(/^DeBERTa 3 small/);
  expect(await screen.findByText(/with MeCab/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: /^Download/ })).toBeNull();
  expect(screen.getByRole('button', { name: words.nextStep.openPage })).toBeTruthy();
});

test.each([
  ['models.shelf', words.tabs.shelf, words.shelfLoading, words.shelfFailed],
  ['models.search', words.tabs.search, words.searching, words.searchFailed],
  ['models.library', words.tabs.library, words.libraryLoading, words.libraryFailed],
] as const)('%s: refused, then waiting', async (command, tab, waiting, failed) => {
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
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  expect(await screen.findByText(words.cancelDownload)).toBeTruthy();
  expect(await screen.findByText(words.downloaded('allenai/scibert_scivocab_uncased'))).toBeTruthy();
  expect(world.models).toHaveLength(2);
  await click(words.use);
  expect(((await screen.findByLabelText(strings.train.model)) as HTMLSelectElement).value).toBe(
    'allenai/scibert_scivocab_uncased',
  );
});

test('a download is cancelled, resumed where it was, and discarded', async () => {
  const id = 'allenai/scibert_scivocab_uncased';
  const { world } = await openAt('Models', { tick: 50 });
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  await screen.findByText(/^11\.\d MB of 442 MB$/);
  await click(words.cancelDownload);
  expect(world.downloads.get(id)?.state).toBe('cancelled');
  const before = world.downloads.get(id)?.bytes ?? 0;
  await click(words.resume);
  expect(world.downloads.get(id)?.bytes).toBeGreaterThanOrEqual(before);
  await click(words.cancelDownload);
  await click(words.discard);
  expect(world.downloads.has(id)).toBe(false);
  expect(await screen.findByRole('button', { name: /^Download/ })).toBeTruthy();
});

test('a download of an earlier session is listed and can be resumed', async () => {
  const { world } = await openAt('Models');
  await click(/^On this computer/, 'tab');
  await click(/^google-bert\/bert-large-cased/);
  expect(await screen.findByText('The connection to the Hub was cut')).toBeTruthy();
  await click(words.resume);
  expect(await screen.findByText(words.downloaded('google-bert/bert-large-cased'))).toBeTruthy();
  expect(world.models.map((model) => model.name)).toContain('google-bert/bert-large-cased');
});

const steps = words.nextStep;
test.each([
  ['gated', steps.token],
  ['unauthorized', steps.token],
  ['rate-limited', steps.token],
  ['offline', steps.hub],
  ['network', steps.hub],
  ['disk', steps.storage],
] as const)('a download that failed with `%s` leads to Settings', async (code, way) => {
  expect(DOWNLOAD_CODES).toContain(code);
  const { world } = await openAt('Models');
  world.nextFault = { code, message: 'words that nobody compares', hint: null };
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  expect(await screen.findByText(steps.advice[code] ?? '')).toBeTruthy();
  await click(way);
  expect(
    (await screen.findByText(code === 'disk' ? strings.settings.storage : strings.settings.hub)).matches(':focus'),
  ).toBe(true);
});

test('without a connection, one message names the model and what helps', async () => {
  const { world } = await openAt('Models');
  const raw = 'cannot reach `huggingface.co`: dns error: failed to lookup address information';
  world.nextFault = { code: 'network', message: raw, hint: 'check the connection' };
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  const failed = words.downloadFailed('SciBERT');
  expect(await screen.findByText(failed)).toBeTruthy();
  // The open details say it; no toast says it again.
  expect(screen.getAllByText(failed)).toHaveLength(1);
  expect(document.querySelector('.toast')).toBeNull();
  expect(screen.getByRole('button', { name: words.resume })).toBeTruthy();
  expect(screen.getByRole('button', { name: steps.hub })).toBeTruthy();
  const details = within(screen.getByText(failed).closest('[role="alert"]') as HTMLElement);
  details.getByRole('button', { name: words.addFolder }).click();
  expect(await screen.findByText(/was added to the library/)).toBeTruthy();
});

test('elsewhere, one toast says it in plain words', async () => {
  const { world } = await openAt('Models');
  world.nextFault = { code: 'network', message: 'dns error', hint: null };
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  await click('Train');
  expect(await screen.findByText(words.downloadFailed('SciBERT'))).toBeTruthy();
  expect(screen.getByText(steps.advice['network'] ?? '')).toBeTruthy();
  expect(document.querySelectorAll('.toast')).toHaveLength(1);
  expect(screen.queryByText(/dns error/)).toBeNull();
});

test('wrong bytes are discarded and downloaded again', async () => {
  const { world } = await openAt('Models');
  world.nextFault = { code: 'checksum', message: 'words that nobody compares', hint: null };
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  await click(words.fetchAgain);
  expect(await screen.findByText(words.downloaded('allenai/scibert_scivocab_uncased'))).toBeTruthy();
});

test('a gated model says so in the list, and what to do', async () => {
  const { world } = await openAt('Models');
  await click(words.tabs.search, 'tab');
  await choose(words.search, 'starencoder');
  await click(/^bigcode\/starencoder Gated/);
  expect(await screen.findByText(words.gatedTitle)).toBeTruthy();
  await click(steps.openPage);
  expect(world.opened).toBe('bigcode/starencoder');
  await click(/^Download/);
  expect(await screen.findByText(/is given only to people who accepted its terms/)).toBeTruthy();
  world.hub = { ...world.hub, token: 'keyring' };
  await click(words.again);
  expect(await screen.findByText(words.cancelDownload)).toBeTruthy();
});

test('a search without a connection leads to the Hub settings', async () => {
  await openAt('Models', {
    prepare: (switches) => switches.refuse('models.search', new Failure('offline', 'no connection', null)),
  });
  await click(words.tabs.search, 'tab');
  await click(steps.hub);
  expect(await screen.findByText(strings.settings.offline)).toBeTruthy();
});

test('a folder can be removed from the list, a model in the cache cannot', async () => {
  const { world } = await openAt('Models');
  await click(words.addFolder);
  await click(words.forget);
  (await screen.findAllByRole('button', { name: words.forget })).at(-1)?.click();
  expect(await screen.findByText(words.forgotten('my-bert'))).toBeTruthy();
  expect(world.models.map((model) => model.name)).not.toContain('my-bert');
  await screen.findByText('MiniLM L6', { selector: 'h2' });
  await click(/^dslim\/bert-base-NER/);
  expect(await screen.findByText(words.sources['cache'] ?? '')).toBeTruthy();
  expect(screen.queryByRole('button', { name: words.remove })).toBeNull();
});

test('a refused download says why', async () => {
  await openAt('Models', {
    prepare: (switches) =>
      switches.refuse('models.download', new Failure('disk-full', 'the disk has 2 MB left', 'free some space')),
  });
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  expect(await screen.findByText('The disk has 2 MB left')).toBeTruthy();
});

test('a family that cannot be trained cannot be downloaded', async () => {
  untrainable('microsoft/deberta-v3-base', 'Its tokenizer splits text into words with MeCab');
  await openAt('Models');
  await click(/^DeBERTa 3 base/);
  expect(await screen.findByRole('button', { name: words.nextStep.openPage })).toBeTruthy();
  expect(screen.queryByRole('button', { name: /^Download/ })).toBeNull();
});

test('deleting says what it frees', async () => {
  const { world } = await openAt('Models');
  await click(/^BERT base, cased/);
  await click(words.remove);
  expect(await screen.findByText(plain(words.removeAbout(438_200_000)))).toBeTruthy();
  const buttons = await screen.findAllByRole('button', { name: words.remove });
  buttons.at(-1)?.click();
  expect(await screen.findByText(plain(strings.common.freed(438_200_000)))).toBeTruthy();
  expect(world.models.map((model) => model.name)).not.toContain('google-bert/bert-base-cased');
});

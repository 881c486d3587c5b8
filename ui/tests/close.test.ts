// Closing the window while something is running.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import {
  Failure,
  type Batch,
  type Closing,
  type Download,
  type Evaluation,
  type Pretraining,
  type Run,
  type Study,
} from '../src/lib/client/client';
import type { World } from '../src/lib/client/fake/world';
import { Job } from '../src/lib/state/job.svelte';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.shell.closing;
const closeWindow = () => globalThis.dispatchEvent(new Event('tagsmith:close'));

async function duringRun(prepare?: Parameters<typeof openAt>[1]) {
  const fake = await openAt('Train', { tick: 60, ...prepare });
  await choose(strings.train.model, 'starter');
  await click(strings.train.start);
  await screen.findByText(strings.train.stop);
  closeWindow();
  await screen.findByText(words.title);
  return fake;
}

test.each([
  ['keep', words.keep, 'running'],
  ['stop', words.stop, 'stopped'],
] as const)('%s', async (choice, name, status) => {
  const { world } = await duringRun();
  expect(screen.getByText(words.training(['Support tickets']))).toBeTruthy();
  await click(name);
  expect(await screen.findByText(words.demo)).toBeTruthy();
  expect(world.closed).toBe(choice);
  expect(world.runs.at(-1)?.run.status).toBe(status);
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('a run that is slow to stop can be ended at once', async () => {
  const { world } = await duringRun({ tick: 500 });
  await click(words.stop);
  expect(await screen.findByText(words.stopping)).toBeTruthy();
  await click(words.end);
  expect(await screen.findByText(words.demo)).toBeTruthy();
  expect(world.runs.at(-1)?.run).toMatchObject({ status: 'stopped', has_report: false });
});

test('cancel closes nothing', async () => {
  const { world } = await duringRun();
  await click(strings.common.cancel);
  await waitFor(() => expect(screen.queryByText(words.title)).toBeNull());
  expect(world.closed).toBeNull();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('the question goes when what it asks about has ended by itself', async () => {
  const { world } = await duringRun({ tick: 10 });
  await waitFor(() => expect(screen.queryByText(words.title)).toBeNull(), { timeout: 25_000 });
  expect(world.closed).toBeNull();
  expect(world.runs.at(-1)?.run.status).toBe('finished');
}, 30_000);

test('a failure leaves the question open', async () => {
  const { world } = await duringRun({
    prepare: (switches) => switches.refuse('window.close', new Failure('io', 'the run does not answer')),
  });
  await click(words.stop);
  expect(await screen.findByText('The run does not answer')).toBeTruthy();
  expect(screen.getByText(words.title)).toBeTruthy();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('incomplete downloads are mentioned, and can be resumed later', async () => {
  await openAt('Models', { tick: 1000 });
  await click(/^SciBERT(?!,)/);
  await click(/^Download/);
  await screen.findByText(strings.models.cancelDownload);
  closeWindow();
  expect(await screen.findByText(words.downloads(1))).toBeTruthy();
  expect(screen.queryByRole('button', { name: words.stop })).toBeNull();
  await click(words.close);
});

const working = { id: 'new', name: 'Letters', status: 'running', step: 1, steps: 4 } as const;
const tagged = { ...working, status: 'tagging', created: '', labels: {}, total: 200, done: 50, seconds_left: 30 };
const inBackground =
  <T>(channel: (world: World) => Set<(news: T) => void>, news: unknown) =>
  (world: World) => {
    for (const listener of channel(world)) listener(news as T);
    return {};
  };

test.each<[string, (world: World) => Partial<Closing>, string[]]>([
  ['a run', () => ({ runs: [working as unknown as Run] }), [words.training(['Letters'])]],
  ['a study', () => ({ studies: [working as unknown as Study] }), [words.training(['Letters'])]],
  ['a pretraining', () => ({ pretraining: [working as unknown as Pretraining] }), [words.training(['Letters'])]],
  ['the queue', () => ({ waiting: 2 }), [words.waiting(2)]],
  [
    'a download',
    inBackground<Download>(({ listeners }) => listeners.download, { id: 'new', state: 'running' }),
    [words.downloads(1)],
  ],
  [
    'an evaluation',
    inBackground<Evaluation>(({ listeners }) => listeners.evaluation, {
      ...working,
      created: '',
      model: 'tickets-longer',
      data_name: 'Notes',
      split: 'test',
    }),
    [words.evaluations(1)],
  ],
  [
    'a batch',
    inBackground<Batch>(({ listeners }) => listeners.batch, tagged),
    [words.tagging(['Letters']), strings.batch.progress(50, 200), words.taggingStops],
  ],
  ['work that it does not know', () => ({}), [words.other]],
])('the question says what is at work: %s', async (_, begin, texts) => {
  const { world } = await openAt('Results');
  const closing = { runs: [], studies: [], pretraining: [], waiting: 0, ...begin(world) };
  for (const listener of world.listeners.close) listener(closing);
  const dialog = within(await screen.findByRole('dialog'));
  for (const text of texts) expect(dialog.getByText(text)).toBeTruthy();
});

test.each(['import', 'export', 'repair'] as const)('the question says that an unfinished %s is lost', async (kind) => {
  const { client } = await openAt('Results');
  const job = new Job(client, kind);
  void job.run(() => new Promise(() => {}));
  closeWindow();
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText(words.jobs[kind])).toBeTruthy();
  expect(dialog.queryByText(words.other)).toBeNull();
  job.cancel();
});

// A model scored on other data: started, running, cancelled, failed, scored, deleted.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { strings } from '../src/lib/strings';
import { choose, click, openAt, plain } from './mount';

const words = strings.results.evaluation;

test('a model is scored on another data set, and its report is shown', async () => {
  const { world } = await openAt('Results');
  await click(words.new);
  await choose(words.model, 'tickets-longer');
  await choose(words.data, 'field-notes');
  await choose(words.split, 'dev');
  await click(words.go);
  expect(await screen.findByText(/^More epochs on Field notes: F1 /)).toBeTruthy();
  expect(await screen.findByText(/Scored as conlleval/)).toBeTruthy();
  expect(world.evaluations.at(-1)?.evaluation).toMatchObject({
    model: 'tickets-longer',
    data: 'field-notes',
    split: 'dev',
    status: 'finished',
  });
});

test('all splits are scored one by one, each with its own figure', async () => {
  const { world } = await openAt('Results');
  await click(words.new);
  await choose(words.data, 'support-tickets');
  expect(await screen.findByText(words.each)).toBeTruthy();
  await click(words.go);
  expect(await screen.findByText(/ is scored on each split of Support tickets/)).toBeTruthy();
  const report = world.evaluations.at(-1)?.report;
  const group = within(await screen.findByRole('group', { name: strings.results.split }));
  const names = group.getAllByRole('button').map((button) => plain(button.textContent ?? '').trim());
  const of = (title: string, split: string) =>
    `${title} ${strings.results.f1(report?.splits[split]?.metrics.overall.f1)}`;
  expect(names).toEqual([of('Train', 'train'), of('Dev', 'dev'), of('Test', 'test')]);
  expect(
    screen.getByText(new RegExp(`^Scored as conlleval.* ${report?.splits['test']?.documents} documents`)),
  ).toBeTruthy();
  await click(names[0] ?? '');
  expect(screen.getByText(new RegExp(`${report?.splits['train']?.documents} documents`))).toBeTruthy();
});

test('the progress is shown, and scoring can be cancelled', async () => {
  const { world } = await openAt('Results', { tick: 40 });
  await click(words.new);
  await choose(words.data, 'support-tickets');
  await click(words.go);
  expect(await screen.findByText(/^\d+ of 480 documents$/)).toBeTruthy();
  await click(words.cancel);
  expect(await screen.findByText(words.cancelledAbout)).toBeTruthy();
  expect(world.evaluations.at(-1)?.timer).toBeNull();
  await click(words.again);
  expect(await screen.findByText(/^\d+ of 480 documents$/)).toBeTruthy();
  clearInterval(world.evaluations.at(-1)?.timer ?? undefined);
});

test('the preparation of a GPU is shown with its progress', async () => {
  const { world } = await openAt('Results', { tick: 10_000 });
  await click(words.new);
  await choose(words.data, 'support-tickets');
  await click(words.go);
  const going = world.evaluations.at(-1);
  if (!going) throw new Error('nothing is scored');
  const preparing = { device: 'cuda:0', done: 11, total: 48, eta_seconds: 8.2 };
  for (const listener of world.listeners.evaluation) listener({ ...going.evaluation, preparing });
  expect(
    await screen.findByText('Preparing the GPU: kernel 12 of 48, about 9 s left (once for this card)'),
  ).toBeTruthy();
  for (const listener of world.listeners.evaluation) listener({ ...going.evaluation, done: 3, total: 480 });
  expect(await screen.findByText(words.progress(3, 480))).toBeTruthy();
  clearInterval(going.timer ?? undefined);
});

test('warnings about misleading scores appear before the start', async () => {
  await openAt('Results');
  await click(words.new);
  await choose(words.model, 'tickets-longer');
  await choose(words.data, 'support-tickets');
  expect(await screen.findByText(words.learned)).toBeTruthy();
  await choose(words.split, 'test');
  expect(screen.queryByText(words.learned)).toBeNull();
  await choose(words.model, 'dslim/bert-base-NER');
  expect(await screen.findByText(/^The model does not know .*DATE.*PERSON/)).toBeTruthy();
});

test('one that failed says why and can be tried again', async () => {
  await openAt('Results');
  await click(/^dslim\/bert-base-NER/);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText(/^None of the labels of/)).toBeTruthy();
  expect(within(alert).getByRole('button', { name: words.again })).toBeTruthy();
});

test('a failed start leaves the dialog open', async () => {
  await openAt('Results', {
    prepare: (switches) => switches.refuse('evaluations.start', new Failure('busy', 'a run is going', 'wait for it')),
  });
  await click(words.new);
  await click(words.go);
  expect(await screen.findByText('A run is going')).toBeTruthy();
  expect(screen.getByText(words.about)).toBeTruthy();
});

test('scores are deleted, and the run’s are shown again', async () => {
  const { world } = await openAt('Results');
  await click(/^More epochs Field notes/);
  await click(words.remove);
  await click(strings.common.remove);
  expect(await screen.findByText('More epochs', { selector: 'h2' })).toBeTruthy();
  expect(world.evaluations).toHaveLength(1);
});

test('a list that cannot be read can be tried again, and the runs stay', async () => {
  const { switches } = await openAt('Results', { prepare: (all) => all.refuse('evaluations.list') });
  expect(await screen.findByText(words.listFailed)).toBeTruthy();
  expect(await screen.findByText('More epochs', { selector: 'h2' })).toBeTruthy();
  switches.allow('evaluations.list');
  await click(strings.common.retry);
  expect(await screen.findByRole('button', { name: /^dslim/ })).toBeTruthy();
});

test('without runs, models and data it says what is missing', async () => {
  await openAt('Results', { scenario: 'empty' });
  expect(await screen.findByText(strings.results.empty)).toBeTruthy();
  expect(screen.queryByRole('button', { name: words.new })).toBeNull();
});

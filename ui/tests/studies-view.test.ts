// Several seeds and searches on Train: chosen beside Start, followed, stopped, continued, and what comes of them.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure, type Trial } from '../src/lib/client/client';
import { settingOf } from '../src/lib/state/settings';
import { sorted } from '../src/lib/state/trials';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.train.often;
const study = strings.study;
const start = () => screen.getByRole('button', { name: strings.train.start }) as HTMLButtonElement;
const title = (setting: 'learning_rate' | 'dropout') => settingOf(setting).title;
const soon = { timeout: 15_000 };

async function search(trials = '4') {
  const fake = await openAt('Train', { tick: 1 });
  await choose(strings.train.model, 'starter');
  await choose(words.label, 'search');
  await choose(words.trials, trials);
  await screen.findByText(words.space);
  return fake;
}

test('a run is done once unless one chooses otherwise', async () => {
  const { world } = await openAt('Train');
  await choose(strings.train.model, 'starter');
  expect(((await screen.findByLabelText(words.label)) as HTMLSelectElement).value).toBe('once');
  expect(screen.queryByLabelText(words.seeds)).toBeNull();
  await click(strings.train.start);
  await screen.findByText(strings.train.stop);
  expect(world.studies).toEqual([]);
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('several seeds give a mean, a spread, and the middle run with its model', async () => {
  const { world } = await openAt('Train', { tick: 1 });
  await choose(strings.train.model, 'starter');
  await choose(words.label, 'seeds');
  await choose(words.seeds, '3');
  expect(await screen.findByText(words.seedsAbout(3))).toBeTruthy();
  await click(strings.train.start);
  expect(await screen.findByText(study.seeds.middle, {}, soon)).toBeTruthy();
  const done = world.studies.at(-1)?.study;
  expect(done?.seeds.runs.map((run) => run.seed)).toEqual([42, 43, 44]);
  const dev = done?.seeds.dev;
  expect(screen.getByText(study.spread(dev?.mean ?? 0, dev?.standard_deviation ?? null))).toBeTruthy();
  const table = screen.getByRole('region', { name: study.seeds.title, hidden: false });
  expect(within(table).getAllByRole('row').length).toBe(4);
  // The kept run is an ordinary one.
  await click(study.kept);
  expect(await screen.findByRole('heading', { name: /seed 4\d$/ })).toBeTruthy();
});

test('numbers that make no sense are refused before anything starts', async () => {
  await openAt('Train');
  await choose(strings.train.model, 'starter');
  await choose(words.label, 'seeds');
  for (const wrong of ['', '1', '101', '2.5', 'x']) {
    await choose(words.seeds, wrong);
    expect(screen.getByText(strings.train.expected(words.seedsRange)), wrong).toBeTruthy();
    expect(start().disabled).toBe(true);
  }
  await choose(words.seeds, '2');
  expect(start().disabled).toBe(false);
  await choose(words.label, 'search');
  await choose(words.trials, '1');
  expect(screen.getByText(strings.train.expected(words.trialsRange))).toBeTruthy();
  expect(start().disabled).toBe(true);
});

test('the settings of a search can be left out, but not all of them', async () => {
  const { world } = await search();
  const boxes = screen.getAllByRole('checkbox');
  expect(boxes.length).toBe(6);
  expect(screen.getByText(words.from(7.5e-5, 0.0012))).toBeTruthy();
  for (const box of boxes) await fireEvent.click(box);
  expect(screen.getByText(words.choose)).toBeTruthy();
  expect(start().disabled).toBe(true);
  await fireEvent.click(
    screen.getByLabelText(new RegExp(`^${title('learning_rate')}`), { selector: 'input[type=checkbox]' }),
  );
  expect(start().disabled).toBe(false);
  await click(strings.train.start);
  await waitFor(() => expect(world.studies.length).toBe(1));
  const often = world.studies[0]?.study.often;
  expect(often?.kind === 'search' && often.space.map(({ setting }) => setting)).toEqual(['learning_rate']);
  clearInterval(world.studies[0]?.timer ?? undefined);
});

test('what a person has set is not searched', async () => {
  await search();
  await choose(title('dropout'), '0.2');
  await waitFor(() => expect(screen.getAllByRole('checkbox').length).toBe(5));
  expect(screen.getByText(words.setByYou)).toBeTruthy();
});

test('a search ends with a winner, and its settings go into the form', async () => {
  const { world } = await openAt('Train', { scenario: 'studies' });
  await click(/^Better settings Search/);
  expect(await screen.findByText(study.search.verdicts.better)).toBeTruthy();
  const found = world.studies[1]?.study.search;
  const winner = found?.trials.find(({ trial }) => trial === found.winner);
  expect(screen.getByRole('heading', { name: study.search.importance })).toBeTruthy();
  await click(study.search.use);
  const rate = (await screen.findByLabelText(title('learning_rate'))) as HTMLInputElement;
  expect(Number(rate.value)).toBe(winner?.values['learning_rate']);
  expect((screen.getByLabelText(words.label) as HTMLSelectElement).value).toBe('once');
});

test('a search is stopped, keeps what is done, and is continued', async () => {
  const fake = await openAt('Train', { tick: 20 });
  await choose(strings.train.model, 'starter');
  await choose(words.label, 'search');
  await screen.findByText(words.space);
  await click(strings.train.start);
  await click(study.stop);
  expect(await screen.findByText(study.stopping)).toBeTruthy();
  expect(await screen.findByText(study.resume, {}, soon)).toBeTruthy();
  const before = fake.world.studies[0]?.ticks ?? 0;
  await click(study.resume);
  await waitFor(() => expect(fake.world.studies[0]?.ticks).toBeGreaterThan(before));
  clearInterval(fake.world.studies[0]?.timer ?? undefined);
});

test('one that failed says why, and can be tried again', async () => {
  const { world } = await openAt('Train', { scenario: 'studies' });
  const entry = world.studies[2]!;
  const failure = { code: 'disk-full', message: 'no space is left in `/home/sam`', hint: 'free some space' };
  for (const listener of world.listeners.study) listener({ ...entry.study, status: 'failed', failure });
  await click(/^Short search/);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText(/No space is left/)).toBeTruthy();
  expect(within(alert).getByText('Free some space')).toBeTruthy();
  await click(study.again);
  expect(await screen.findByText(study.stop)).toBeTruthy();
  clearInterval(world.studies[2]?.timer ?? undefined);
});

test('a refused start leaves the form as it is', async () => {
  await openAt('Train', {
    prepare: (switches) =>
      switches.refuse('runs.start', new Failure('setting', 'a search of 1 trials compares nothing')),
  });
  await choose(strings.train.model, 'starter');
  await choose(words.label, 'seeds');
  await click(strings.train.start);
  expect(await screen.findByText(/A search of 1 trials compares nothing/)).toBeTruthy();
  expect((screen.getByLabelText(words.label) as HTMLSelectElement).value).toBe('seeds');
});

test('a study is renamed, duplicated and deleted', async () => {
  const { world } = await openAt('Train', { scenario: 'studies' });
  await click(/^Baseline 5 seeds/);
  await click(study.rename);
  await choose(strings.train.name, 'Reference');
  await click(strings.train.save);
  expect(await screen.findByText('Reference', { selector: 'h2' })).toBeTruthy();
  await click(strings.train.duplicate);
  expect((screen.getByLabelText(words.seeds) as HTMLInputElement).value).toBe('5');
  await click(/^Reference 5 seeds/);
  await click(study.remove);
  await click(strings.common.remove);
  expect(await screen.findByText(/are free again/)).toBeTruthy();
  expect(world.studies.map((entry) => entry.study.name)).not.toContain('Reference');
});

test('trials are sorted by every column, and by keyboard', async () => {
  await openAt('Train', { scenario: 'studies' });
  await click(/^Better settings Search/);
  const table = await screen.findByRole('region', { name: study.search.scroll });
  const first = () => within(table).getAllByRole('row')[1]?.textContent ?? '';
  for (const header of within(table).getAllByRole('columnheader')) {
    within(header).getByRole('button').click();
    await waitFor(() => expect(header.getAttribute('aria-sort')).toBeTruthy());
  }
  const number = within(table).getByRole('button', { name: /^Trial/ });
  number.click();
  await waitFor(() => expect(first()).toContain(study.search.default));
  number.click();
  await waitFor(() => expect(first()).toContain('11'));
});

test('what a trial lacks comes last in either direction', () => {
  const trial = (number: number, dev_f1: number | null): Trial => ({
    trial: number,
    values: {},
    status: 'waiting',
    rung: null,
    dev_f1,
    curve: [],
    seconds: 0,
    failure: null,
  });
  const trials = [trial(0, 0.5), trial(1, null), trial(2, 0.7), trial(3, 0.5)];
  const numbers = (descending: boolean) => sorted(trials, { column: 'dev', descending }).map((one) => one.trial);
  expect(numbers(true)).toEqual([2, 0, 3, 1]);
  expect(numbers(false)).toEqual([0, 3, 2, 1]);
});

test('a search without a dev set says by what it compares, and starts', async () => {
  await openAt('Train', {
    prepare: (_, world) => {
      const { check } = world.data.at(-1)!.set;
      check.files = check.files.filter((file) => file.split !== 'dev');
    },
  });
  await choose(strings.train.model, 'starter');
  await choose(words.label, 'search');
  expect(await screen.findByText(words.noDev)).toBeTruthy();
  await screen.findByText(words.space);
  expect(start().disabled).toBe(false);
});

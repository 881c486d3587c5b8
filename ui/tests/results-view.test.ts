// Results: without scores, while they load, failed, and from a number to its sentences.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { createFake } from '../src/lib/client/fake';
import { strings } from '../src/lib/strings';
import { fitting, noFilter } from '../src/lib/state/mistake-filter';
import { choose, click, openAt } from './mount';

const words = strings.results;

test('without a scored run it says how to get one', async () => {
  await openAt('Results', { scenario: 'empty' });
  expect(await screen.findByText(words.empty)).toBeTruthy();
});

test('it waits for the report', async () => {
  await openAt('Results', { prepare: (switches) => switches.hang('runs.report') });
  expect(await screen.findByText(words.loading)).toBeTruthy();
});

test('a report that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Results', { prepare: (all) => all.refuse('runs.report') });
  expect(await screen.findByText(words.failed)).toBeTruthy();
  switches.allow('runs.report');
  await click(strings.common.retry);
  expect(await screen.findByText(words.overall)).toBeTruthy();
});

test('scores name their convention', async () => {
  await openAt('Results');
  expect(await screen.findByText(/Scored as conlleval/)).toBeTruthy();
  expect(screen.getAllByRole('row')).toHaveLength(1 + 7 + 2);
});

test('a cell leads to its sentences, and filters can be removed', async () => {
  await openAt('Results');
  await click(words.tabs.confusion, 'tab');
  const cell = (await screen.findAllByRole('button', { name: /predicted as none: \d+/ }))[0] as HTMLElement;
  const number = Number(/(\d+)$/.exec(cell.getAttribute('aria-label') ?? '')?.[1]);
  cell.click();
  expect(await screen.findByText(new RegExp(`^${number} mistakes? in`))).toBeTruthy();
  await click(words.removeFilters);
  expect(screen.queryByText(new RegExp(`^${number} mistakes? in`))).toBeNull();
});

test('mistakes are filtered by kind', async () => {
  await openAt('Results');
  await click(/^Wrong predictions/, 'tab');
  await choose(words.kind, 'spurious');
  await screen.findByText(words.removeFilters);
  const chips = screen.getAllByText(/^(Missed|False alarm|Wrong)/, { selector: '.chip' });
  expect(new Set(chips.map((chip) => chip.textContent))).toEqual(new Set(['False alarm']));
});

test('the report adds up: cells, mistakes and scores agree', async () => {
  const { client } = createFake();
  const report = await client.runs.report('tickets-longer');
  for (const part of Object.values(report.splits)) {
    const sum = (fits: (cell: (typeof part.confusion)[number]) => boolean) =>
      part.confusion.filter(fits).reduce((total, cell) => total + cell.count, 0);
    expect(sum((cell) => cell.gold !== null)).toBe(part.metrics.overall.support);
    const mistakes = (kind: string) =>
      part.errors.flatMap((document) => document.errors).filter((one) => one.kind === kind).length;
    expect(sum((cell) => cell.predicted === null)).toBe(mistakes('missed'));
    expect(sum((cell) => cell.gold === null)).toBe(mistakes('spurious'));
    const right = sum((cell) => cell.gold !== null && cell.gold === cell.predicted) - mistakes('boundary');
    expect(part.metrics.overall.recall).toBeCloseTo(right / part.metrics.overall.support, 9);
    for (const { text, errors } of part.errors) {
      for (const entity of errors.flatMap((one) => [one.gold, one.predicted])) {
        if (entity) expect(text.slice(entity.start, entity.end)).toBe(entity.text);
      }
    }
    expect(fitting(part.errors, noFilter)).toHaveLength(part.errors.length);
  }
});

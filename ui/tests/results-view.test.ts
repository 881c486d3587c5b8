// Results: without scores, while they load, failed, what they mean, and from a number to its sentences and back.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { Caveat } from '../src/lib/client/contracts';
import { createFake } from '../src/lib/client/fake';
import { strings } from '../src/lib/strings';
import { fitting, noFilter } from '../src/lib/state/mistake-filter';
import { confusionOf } from '../src/lib/views/results/confusion';
import { choose, click, openAt } from './mount';

const words = strings.results;
/** What is written over the sentences. */
const mistakes = () => screen.getAllByRole('article').flatMap((one) => [...one.querySelectorAll('.chip.bad')]);

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

test('the run that is read stays when another one ends, and when one comes back to the screen', async () => {
  const { world } = await openAt('Results');
  const shown = () => document.querySelector('.entries [aria-current]')?.textContent;
  await screen.findByText(words.overall);
  const before = shown();
  expect(before).toBeTruthy();
  const newest = world.runs.find(({ run }) => run.has_report)!.run;
  const later = { ...newest, id: 'later', name: 'A later run', created: '2999-01-01T00:00:00Z' };
  for (const listener of world.listeners.change) listener(later);
  await screen.findByText('A later run');
  expect(shown()).toBe(before);
  await click('Data');
  await click('Results');
  await screen.findByText('A later run');
  expect(shown()).toBe(before);
  await click(/^A later run/);
  expect(shown()).toContain('A later run');
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
  const chips = mistakes();
  expect(chips.length).toBeGreaterThan(0);
  for (const chip of chips) expect(chip.textContent).toMatch(/^False alarm: [A-Z_]+$/);
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

test('in the confusion table, what is right over all of a row is the recall of its label', async () => {
  const { client } = createFake();
  const report = await client.runs.report('tickets-first');
  let boundaries = 0;
  for (const part of Object.values(report.splits)) {
    for (const row of confusionOf(part).rows) {
      const others = [...row.predicted.values()].reduce((sum, number) => sum + number, 0);
      const all = row.correct + row.boundaries + others + row.missed;
      boundaries += row.boundaries;
      if (row.gold === null) continue;
      const scores = part.metrics.labels[row.gold]!;
      expect(all).toBe(scores.support);
      expect(row.correct / all).toBeCloseTo(scores.recall, 9);
    }
  }
  // Wrong boundaries were counted as right once.
  expect(boundaries).toBeGreaterThan(0);
});

test('wrong boundaries have a column of their own, which leads to their sentences', async () => {
  await openAt('Results');
  await click(words.tabs.confusion, 'tab');
  const cell = (await screen.findAllByRole('button', { name: /with wrong boundaries: \d+$/ }))[0]!;
  const [, label, number] = /^(\S+) with wrong boundaries: (\d+)$/.exec(cell.getAttribute('aria-label') ?? '') ?? [];
  await fireEvent.click(cell);
  expect(await screen.findByText(new RegExp(`^${number} mistakes? in`))).toBeTruthy();
  for (const chip of mistakes()) expect(chip.textContent).toBe(words.mistake.boundary(label!, ''));
});

test('one sentence says what the scores mean, and what is weakest leads to its mistakes', async () => {
  await openAt('Results', {
    prepare: (_, world) => {
      const part = world.runs[1]!.report!.splits['test']!;
      const caveats = [
        { caveat: 'copies' as const, same: 1, near: 8 },
        { caveat: 'few-entities' as const, enough: 240 },
      ];
      const weakest = {
        label: 'PRODUCT',
        f1: 0.7,
        kind: 'boundary' as const,
        of_kind: 3,
        mistakes: 5,
        confused_with: null,
      };
      part.judgement = { ...part.judgement!, caveats, weakest };
      part.metrics.overall = { ...part.metrics.overall, f1: 1, support: 38 };
      part.documents = 48;
    },
  });
  const panel = await screen.findByRole('region', { name: words.judgement.title });
  expect(
    within(panel).getByText(
      'F1 100.0, but 9 of 48 documents are (nearly) in train as well and only 38 entities were scored: expect less on new text.',
    ),
  ).toBeTruthy();
  expect(within(panel).getByText('Weakest label: PRODUCT, F1 70.0, 5 mistakes: 3 with wrong boundaries.')).toBeTruthy();
  expect(within(panel).getByText(new RegExp(words.judgement.advice.boundary('PRODUCT')))).toBeTruthy();
  await click(words.judgement.show);
  expect(((await screen.findByLabelText(words.label)) as HTMLSelectElement).value).toBe('PRODUCT');
});

test('where the model does not know the labels of the data, that comes first, and no advice to train longer', async () => {
  await openAt('Results', {
    prepare: (_, world) => {
      const part = world.runs[1]!.report!.splits['test']!;
      const caveats: Caveat[] = [
        { caveat: 'nothing-learned' },
        { caveat: 'unknown-labels', labels: ['DRUG', 'DOSE'], entities: 40 },
      ];
      part.unknown_labels = ['DRUG', 'DOSE'];
      part.judgement = { ...part.judgement!, caveats, weakest: null };
      part.metrics.overall = { ...part.metrics.overall, f1: 0, support: 40 };
    },
  });
  const panel = await screen.findByRole('region', { name: words.judgement.title });
  expect(within(panel).getByText(words.judgement.foreign(['DRUG', 'DOSE'], 40, 40))).toBeTruthy();
  expect(panel.textContent).toContain(words.judgement.advice.unknown);
  expect(panel.textContent).not.toContain(words.judgement.advice.nothing);
});

test('a label that is taken for itself in another spelling is to be merged, in Data', async () => {
  await openAt('Results', {
    prepare: (_, world) => {
      const part = world.runs[1]!.report!.splits['test']!;
      const weakest = { label: 'company', f1: 0.4, kind: 'label' as const, of_kind: 3, mistakes: 5 };
      part.judgement = { ...part.judgement!, caveats: [], weakest: { ...weakest, confused_with: 'Company' } };
    },
  });
  const panel = await screen.findByRole('region', { name: words.judgement.title });
  expect(panel.textContent).toContain(words.judgement.advice.same('company', 'Company'));
  await click(words.judgement.merge);
  const tab = await screen.findByRole('tab', { name: new RegExp(strings.data.tabs.labels) });
  expect(tab.getAttribute('aria-selected')).toBe('true');
});

test('a run that was stopped is judged as one, and a poor one is not praised', async () => {
  const { world } = await openAt('Results', {
    prepare: (_, world) => {
      const entry = world.runs[1]!;
      entry.run = { ...entry.run, status: 'stopped', step: 36, steps: 178 };
      const part = entry.report!.splits['test']!;
      part.judgement = { ...part.judgement!, caveats: [] };
    },
  });
  const panel = await screen.findByRole('region', { name: words.judgement.title });
  expect(within(panel).getByText(/but training was stopped at step 36 of 178/)).toBeTruthy();
  expect(within(panel).getByText(new RegExp(words.judgement.advice.early))).toBeTruthy();
  expect(panel.classList.contains('good')).toBe(false);
  expect(world.runs[1]!.run.status).toBe('stopped');
});

test('a run that has learned nothing is not called finished in green', async () => {
  await openAt('Results', {
    prepare: (_, world) => {
      const entry = world.runs[1]!;
      entry.run = { ...entry.run, best_f1: 0, test_f1: 0 };
      const judgement = entry.report!.splits['test']!.judgement!;
      judgement.caveats = [{ caveat: 'nothing-learned' }];
      judgement.predicted = 12;
    },
  });
  expect(await screen.findByText(words.judgement.nothing(12))).toBeTruthy();
  await click('Train');
  const chip = within(await screen.findByTestId('run-tickets-longer')).getByText(strings.train.learnedNothing);
  expect(chip.classList.contains('good')).toBe(false);
  expect(within(screen.getByTestId('run-tickets-first')).getByText(strings.train.status.finished)).toBeTruthy();
});

test('a sentence shows the right entities as well, and the mistakes stand out', async () => {
  const { world } = await openAt('Results');
  await click(/^Wrong predictions/, 'tab');
  const document = world.runs[1]!.report!.splits['test']!.errors.find(({ right }) => right?.length)!;
  const button = await screen.findByRole('button', { name: `Test, test.jsonl, line\u00a0${document.line}` });
  const article = button.closest('article')!;
  for (const { text } of document.right ?? []) {
    const marks = within(article).getAllByText(text, { selector: '.faint .words' });
    expect(marks.length).toBeGreaterThanOrEqual(2);
  }
  const strong = article.querySelectorAll('.mark.strong').length;
  expect(strong).toBe(document.errors.flatMap(({ gold, predicted }) => [gold, predicted]).filter(Boolean).length);
});

test('a wrong prediction leads to its document in Data, and back to the same place', async () => {
  const { world } = await openAt('Results');
  await click(/^Wrong predictions/, 'tab');
  // One of the first: without a layout, nothing is scrolled here.
  const { line, errors } = world.runs[1]!.report!.splits['test']!.errors[0]!;
  const { kind } = errors[0]!;
  await choose(words.kind, kind);
  await click(`Test, test.jsonl, line\u00a0${line}`);
  const shown = await waitFor(() => {
    const found = document.querySelector('.document.pointed');
    expect(found?.textContent ?? '').toMatch(new RegExp(`, line\u00a0${line}$`));
    return found as HTMLElement;
  });
  expect(shown.getAttribute('aria-current')).toBe('true');
  await click(strings.data.backTo('Results'));
  expect(((await screen.findByLabelText(words.kind)) as HTMLSelectElement).value).toBe(kind);
  const article = await waitFor(() => {
    const found = screen.getAllByRole('article').find((one) => one.getAttribute('aria-current') === 'true');
    expect(found).toBeTruthy();
    return found!;
  });
  expect(within(article).getByRole('button').textContent?.trim()).toBe(`Test, test.jsonl, line\u00a0${line}`);
});

test('a document that is gone from the data set is said to be', async () => {
  await openAt('Results', {
    prepare: (_, world) => {
      for (const one of world.runs[1]!.report!.splits['test']!.errors) one.text = `${one.text} (changed)`;
    },
  });
  await click(/^Wrong predictions/, 'tab');
  (await screen.findAllByRole('button', { name: /^Test, test.jsonl, line/ }))[0]!.click();
  expect(await screen.findByText(words.documentGone)).toBeTruthy();
});

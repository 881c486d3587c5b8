// A library of years: lists of hundreds draw what is in view, and what is wanted is found.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { click, openAt } from './mount';

const words = strings.train;
const own = strings.study.search;

test('a search of 300 trials draws the rows in view, in the order of all', async () => {
  await openAt('Train', { scenario: 'many' });
  await click(/^Search with 300/);
  const table = within(await screen.findByRole('region', { name: own.scroll }));
  const rows = () => table.getAllByRole('row').filter((row) => row.hasAttribute('aria-rowindex'));
  expect(table.getByRole('table').getAttribute('aria-rowcount')).toBe('301');
  expect(rows().length).toBeGreaterThan(5);
  expect(rows().length).toBeLessThan(60);
  expect(rows()[0]?.getAttribute('aria-rowindex')).toBe('2');
  const firstCell = () => rows()[0]?.querySelector('td')?.textContent?.trim();
  const sort = () => table.getByRole('button', { name: new RegExp(`^${own.number}`) }).click();
  sort();
  await waitFor(() => expect(firstCell()).toMatch(/^0/));
  sort();
  await waitFor(() => expect(firstCell()).toBe('299'));
});

test('a run among hundreds is found by its name', async () => {
  await openAt('Train', { scenario: 'many' });
  const list = within(await screen.findByRole('navigation', { name: words.runs }));
  const field = (await list.findByLabelText(words.find)) as HTMLInputElement;
  const find = (text: string) => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  expect(list.getAllByRole('button', { name: /^Attempt/ })).toHaveLength(300);
  find('attempt 29');
  await waitFor(() => expect(list.getAllByRole('button', { name: /^Attempt/ })).toHaveLength(11));
  find('nothing like it');
  expect(await list.findByText(words.noneFound)).toBeTruthy();
});

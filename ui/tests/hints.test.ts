// The explanations behind question marks: when they open and close, and who reads them.

import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { settingOf, titleOf } from '../src/lib/state/settings';
import { strings } from '../src/lib/strings';
import { click, openAt } from './mount';

const epochs = titleOf(settingOf('epochs'));
const shown = () => [...document.querySelectorAll('.help-text')].map((popup) => popup.textContent?.trim());

test('the explanation of a field opens with its focus, closes with Escape, and is its description', async () => {
  await openAt('Train');
  const field = await screen.findByLabelText(epochs);
  const described = field.getAttribute('aria-describedby')?.split(' ') ?? [];
  const text = described.map((id) => document.getElementById(id)?.textContent).join(' ');
  expect(text).toContain(settingOf('epochs').help);
  expect(shown()).toEqual([]);
  field.focus();
  await waitFor(() => expect(shown()).toEqual([text]));
  await fireEvent.keyDown(field, { key: 'Escape' });
  expect(shown()).toEqual([]);
  expect(document.activeElement).toBe(field);
  // The next field shows its own, and only that.
  field.blur();
  field.focus();
  (await screen.findByLabelText(titleOf(settingOf('batch_size')))).focus();
  await waitFor(() => expect(shown()).toHaveLength(1));
  expect(shown()[0]).toContain(settingOf('batch_size').help);
});

test('a question mark beside a field is no stop of the Tab key, one that stands alone is', async () => {
  await openAt('Train');
  const mark = await screen.findByRole('button', { name: strings.common.helpOn(epochs) });
  expect(mark.tabIndex).toBe(-1);
  await click('Results');
  const alone = await screen.findByRole('button', {
    name: strings.common.helpOn(strings.results.columns.precision),
  });
  expect(alone.tabIndex).toBe(0);
  alone.focus();
  await waitFor(() => expect(shown()).toEqual([strings.results.precisionHelp]));
});

test('it opens when it is pointed at or pressed, and stays while the pointer is on it', async () => {
  await openAt('Train');
  const mark = await screen.findByRole('button', { name: strings.common.helpOn(epochs) });
  await fireEvent.pointerEnter(mark);
  await waitFor(() => expect(shown()).toHaveLength(1));
  await fireEvent.pointerLeave(mark);
  await fireEvent.pointerEnter(document.querySelector('.help-text') as Element);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(shown()).toHaveLength(1);
  await fireEvent.pointerLeave(document.querySelector('.help-text') as Element);
  await waitFor(() => expect(shown()).toEqual([]));
  await fireEvent.click(mark);
  expect(shown()).toHaveLength(1);
  await fireEvent.pointerDown(document.body);
  expect(shown()).toEqual([]);
});

test('Escape closes the explanation first, and then the dialog', async () => {
  await openAt('Data');
  await click(strings.data.split.button);
  const dialog = await screen.findByRole('dialog');
  const seed = await screen.findByLabelText(strings.data.split.seed);
  seed.focus();
  await waitFor(() => expect(shown()).toHaveLength(1));
  expect(dialog.contains(document.querySelector('.help-text'))).toBe(true);
  await fireEvent.keyDown(seed, { key: 'Escape' });
  expect(shown()).toEqual([]);
  expect(screen.queryByRole('dialog')).toBeTruthy();
  await fireEvent.keyDown(seed, { key: 'Escape' });
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

// What a browser does of itself, and the window does not: its menu, reloading, going back.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { click, openAt } from './mount';

/** Whether the window keeps the browser from acting on it. */
function isStopped(target: Element, event: Event): boolean {
  target.dispatchEvent(event);
  return event.defaultPrevented;
}
const menu = () => new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
const key = (key: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });

test('the menu of the browser opens in fields of text only', async () => {
  await openAt('Highlight');
  const field = await screen.findByLabelText(strings.highlight.text);
  expect(isStopped(field, menu())).toBe(false);
  for (const element of [document.body, screen.getByRole('heading', { level: 1 })])
    expect(isStopped(element, menu())).toBe(true);
  await click(strings.data.title);
  await click(strings.data.import);
  expect(isStopped(await screen.findByRole('dialog'), menu())).toBe(true);
});

test.each([
  ['F5', {}],
  ['r', { ctrlKey: true }],
  ['R', { ctrlKey: true, shiftKey: true }],
  ['ArrowLeft', { altKey: true }],
  ['BrowserBack', {}],
] as const)('%s with %o does not lose what was typed', async (name, more) => {
  await openAt('Highlight');
  const field = await screen.findByLabelText<HTMLTextAreaElement>(strings.highlight.text);
  field.value = 'A long text that somebody pasted.';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  expect(isStopped(field, key(name, more))).toBe(true);
  // Nor does another screen in between.
  await click(strings.settings.title);
  await click(strings.highlight.title);
  const again = await screen.findByLabelText<HTMLTextAreaElement>(strings.highlight.text);
  expect(again.value).toBe(field.value);
});

// The keyboard shortcuts, and the focus, which is never lost.

import { screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { keepFocus } from '../src/lib/shell/focus';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';
import { settingOf, type SettingName, titleOf } from '../src/lib/state/settings';

const label = (name: SettingName) => titleOf(settingOf(name));

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
  await new Promise((resolve) => setTimeout(resolve, 0));
}

test('? shows the shortcuts, but not while typing', async () => {
  await openAt('Data');
  await press('?');
  expect(await screen.findByText(strings.shell.shortcuts.list[0]?.[1] ?? '')).toBeTruthy();
  // Behind a dialog no screen changes.
  await press('6', { ctrlKey: true });
  expect(screen.queryByText(strings.settings.appearance)).toBeNull();
});

test.each([
  ['Models', '/', {}, strings.models.search],
  ['Models', 'f', { ctrlKey: true }, strings.models.search],
  ['Data', '/', {}, strings.data.search],
] as const)('on %s, %s leads to the search', async (name, key, more, label) => {
  await openAt(name);
  await press(key, more);
  const field = await screen.findByLabelText(label);
  expect(document.activeElement).toBe(field);
  await press('?');
  expect(screen.queryByText(strings.shell.shortcuts.list[0]?.[1] ?? '')).toBeNull();
});

test('Ctrl+Enter starts training, once everything is chosen', async () => {
  const { world } = await openAt('Train');
  await choose(label('batch_size'), '0');
  await press('Enter', { ctrlKey: true });
  expect(world.runs.some((entry) => entry.run.status === 'running')).toBe(false);
  await choose(label('batch_size'), '16');
  await press('Enter', { ctrlKey: true });
  expect(await screen.findByText(strings.train.stop)).toBeTruthy();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('Escape closes a toast', async () => {
  await openAt('Models');
  await click(strings.models.addFolder);
  await screen.findByText(strings.models.added('my-bert'));
  await press('Escape');
  expect(screen.queryByText(strings.models.added('my-bert'))).toBeNull();
});

test('when a focused element disappears, the focus moves nearby', async () => {
  document.body.innerHTML =
    '<main id="root"><section id="near"><h2>Near</h2><div id="row"><button id="gone">a</button></div></section></main>';
  vi.spyOn(HTMLElement.prototype, 'getClientRects').mockReturnValue([{}] as unknown as DOMRectList);
  const end = keepFocus(document.querySelector('#root') as HTMLElement);
  (document.querySelector('#gone') as HTMLElement).focus();
  document.querySelector('#row')?.remove();
  (document.activeElement as HTMLElement | null)?.blur?.();
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Near'));
  end();
  vi.restoreAllMocks();
  document.body.innerHTML = '';
});

// Dialogs and notices: what lies beside a dialog does not close it.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { click, openAt } from './mount';

test('a notice is dismissed, and a press beside a dialog changes nothing: what was entered stays', async () => {
  await openAt('Data', { prepare: (switches) => switches.refuse('data.pickFiles') });
  await click(strings.data.import);
  const dialog = await screen.findByRole('dialog');
  const notices = await screen.findByLabelText(strings.common.notices);
  const close = await within(notices).findByLabelText(strings.common.dismiss);
  for (const type of ['pointerDown', 'pointerUp', 'click'] as const) await fireEvent[type](close);
  await waitFor(() => expect(within(notices).queryByLabelText(strings.common.dismiss)).toBeNull());
  expect(dialog.isConnected).toBe(true);
  const scrim = document.querySelector('.dialog-scrim')!;
  for (const type of ['pointerDown', 'pointerUp', 'click'] as const) await fireEvent[type](scrim);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(dialog.isConnected).toBe(true);
  await fireEvent.keyDown(dialog, { key: 'Escape' });
  await waitFor(() => expect(dialog.isConnected).toBe(false));
});

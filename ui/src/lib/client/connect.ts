// Chooses the client of this window: that of the native shell, or in a browser the one in memory, which
// presents itself as a demonstration.

import { isTauri } from '@tauri-apps/api/core';
import type { Client } from './client';

/** `?fake=full|empty|failed|slow|large|studies` chooses what the demonstration shows, `&scale=2` its text size. */
export async function connect(search: string): Promise<Client> {
  if (isTauri()) return (await import('./shell')).connectShell();
  const { createFake } = await import('./fake');
  const asked = new URLSearchParams(search);
  const wanted = asked.get('fake') ?? 'empty';
  const fake = createFake({
    scenario: wanted === 'empty' ? 'empty' : wanted === 'studies' ? 'studies' : 'full',
    preferences: { guide: wanted === 'empty' ? 'open' : 'dismissed', text_scale: Number(asked.get('scale') ?? 1) || 1 },
  });
  const { client, switches } = fake;
  // For scripts that look at the demonstration.
  Object.assign(globalThis, { tagsmithFake: fake });
  if (wanted === 'failed') switches.refuse('*');
  if (wanted === 'slow') switches.hang('*');
  return client;
}

// Finds the client of this window. There is no native shell yet, so that it is always the one in memory,
// which says of itself that it is a demonstration.

import type { Client } from './client';

/** `?fake=full|empty|failed|slow` chooses what the demonstration shows. */
export async function connect(search: string): Promise<Client> {
  const { createFake } = await import('./fake');
  const wanted = new URLSearchParams(search).get('fake') ?? 'empty';
  const { client, switches } = createFake({
    scenario: wanted === 'empty' ? 'empty' : 'full',
    preferences: { guide: wanted === 'empty' ? 'open' : 'dismissed' },
  });
  if (wanted === 'failed') switches.refuse('*');
  if (wanted === 'slow') switches.hang('*');
  return client;
}

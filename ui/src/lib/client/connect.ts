// Chooses the client of this window: that of the native shell, or in a browser the one in memory, which
// presents itself as a demonstration. Its preferences say in which language the page speaks.

import { isTauri } from '@tauri-apps/api/core';
import { LANGUAGES, speak } from '../language';
import type { Client, Preferences } from './client';

/**
 * `?fake=full|empty|failed|slow|large|studies|asking|many` chooses what the demonstration shows, `&scale=2` its text size,
 * `&language=de` its language.
 */
export async function connect(search: string): Promise<Client> {
  if (isTauri()) {
    const client = await (await import('./shell')).connectShell();
    const preferences = await client.settings.preferences().catch(() => null);
    speak(preferences?.language ?? 'system');
    return client;
  }
  const asked = new URLSearchParams(search);
  const language = languageOf(asked.get('language'));
  // Before the client in memory is loaded: it uses texts, too.
  speak(language);
  const { createFake } = await import('./fake');
  const { SCENARIOS } = await import('./fake/world');
  const wanted = asked.get('fake') ?? 'empty';
  const fake = createFake({
    scenario: SCENARIOS.find((scenario) => scenario === wanted) ?? 'full',
    preferences: {
      guide: wanted === 'empty' ? 'open' : 'dismissed',
      text_scale: Number(asked.get('scale') ?? 1) || 1,
      language,
    },
  });
  const { client, switches } = fake;
  // For scripts that look at the demonstration.
  Object.assign(globalThis, { tagsmithFake: fake });
  if (wanted === 'failed') switches.refuse('*');
  if (wanted === 'slow') switches.hang('*');
  return client;
}

function languageOf(asked: string | null): Preferences['language'] {
  return (Object.keys(LANGUAGES) as Preferences['language'][]).find((language) => language === asked) ?? 'system';
}

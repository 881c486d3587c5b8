// The language of the window. It is chosen once, before anything that shows text is loaded: every text is a constant.

import type { Preferences } from './client/client';

/** Each by its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français' } as const;
export type Language = keyof typeof LANGUAGES;

const isLanguage = (tag: string): tag is Language => Object.hasOwn(LANGUAGES, tag);

/** The language that a person wants: the one they chose, or the first of the system's that the window speaks. */
export function languageFor(wanted: Preferences['language'], system: readonly string[]): Language {
  if (wanted !== 'system') return wanted;
  return system.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLanguage) ?? 'en';
}

/** Sets the language of the page. Texts and formats that were loaded before stay as they are. */
export function speak(wanted: Preferences['language']): void {
  document.documentElement.lang = languageFor(wanted, navigator.languages);
}

/** The language of the page. */
export function spoken(): Language {
  const { lang } = document.documentElement;
  return isLanguage(lang) ? lang : 'en';
}

/** Whether the page speaks the language of the engine's messages. */
export const speaksAsEngine = (): boolean => spoken() === 'en';

/** Loads the page anew, in a language that has been saved. The demonstration saves nothing: its address says it. */
export function reloadIn(wanted: Preferences['language'], isDemo: boolean): void {
  if (!isDemo) return location.reload();
  const address = new URL(location.href);
  address.searchParams.set('language', wanted);
  location.assign(address);
}

// The spaces and hyphens at which a line must not break: texts are written with ordinary ones, and get those here.

import type { Language } from '../language';

const THIN = '\u202f';
const FIRM = '\u00a0';
const HYPHEN = '\u2011';

/** A number keeps its sign: `5 %`. */
const withNumbers = (text: string): string => text.replace(/(?<=\d) (?=%)/g, FIRM);

/** `Dev-F1` is one word. */
const german = (text: string): string => withNumbers(text).replace(/(?<=Dev|Test)-(?=F1)/g, HYPHEN);

/** Signs that French sets apart from a word, and keeps with it: `« Oui » : 5 %`. */
const french = (text: string): string =>
  text
    .replace(/ (?=[;!?%])/g, THIN)
    .replace(/ (?=[:»])/g, FIRM)
    .replace(/(?<=«) /g, FIRM);

export const SPACES: Record<Language, (text: string) => string> = { en: withNumbers, de: german, fr: french };

/** All texts of a tree, and those that its functions return. */
export function typeset<T>(language: Language, texts: T): T {
  const spaces = SPACES[language];
  const set = (part: unknown): unknown => {
    if (typeof part === 'string') return spaces(part);
    if (typeof part === 'function') {
      const made = (...values: unknown[]) => set((part as (...all: unknown[]) => unknown)(...values));
      // Tests find out by it how many values a text takes.
      return Object.defineProperty(made, 'length', { value: part.length });
    }
    if (Array.isArray(part)) return part.map(set);
    if (part !== null && typeof part === 'object')
      return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, set(inner)]));
    return part;
  };
  return set(texts) as T;
}

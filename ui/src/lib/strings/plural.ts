// Numbers with their nouns, and lists, by the rules of a language.

import { count } from '../format';
import type { Language } from '../language';

export function wordsOf(language: Language) {
  const rules = new Intl.PluralRules(language);
  const lists = new Intl.ListFormat(language === 'en' ? 'en-GB' : language, { type: 'conjunction' });
  /** The form for a number: English and German have one for 1, French for 0 and 1. */
  const form = (value: number, one: string, more: string) => (rules.select(value) === 'one' ? one : more);
  return {
    form,
    /** `1 document`, `2 documents`. */
    many: (value: number, one: string, more: string) => `${count(value)} ${form(value, one, more)}`,
    /** `a`, `a and b`, `a, b and c`. */
    inWords: (parts: string[]) => lists.format(parts),
  };
}

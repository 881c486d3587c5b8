// What a failure says to a person: in English as the programs behind the page say it, in another language by its code.

import type { Failure } from '../client/client';
import { strings } from '../strings';

export interface Explanation {
  what: string;
  /** What the person can do now. */
  next: string | null;
  /** What the programs say in English, where that is not `what` already: it names the files and numbers. */
  original: string | null;
}

export function explain({ code, message, hint }: Pick<Failure, 'code' | 'message' | 'hint'>): Explanation {
  const texts: Partial<Record<string, [string, string | null]>> = strings.failures.codes;
  const text = texts[code];
  return text ? { what: text[0], next: text[1], original: message } : { what: message, next: hint, original: null };
}

/** What the engine warns of, in the language of the window; its own words stand beside that. */
export const warningTitle = (code: string): string | undefined =>
  (strings.failures.warnings as Partial<Record<string, string>>)[code];

/** What is odd about a model, likewise. */
export const noteTitle = (code: string): string | undefined =>
  (strings.models.notes as Partial<Record<string, string>>)[code];

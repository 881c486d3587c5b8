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

/** Whether a text of the programs is about the command line of Tagsmith, which the window does not have. */
export function isForCommandLine(text: string): boolean {
  // A command of another program can be typed where that program is.
  const own = text.replace(/`(?!tagsmith )[a-z][^`]*`/g, '');
  return /(?:^|[\s`(])--[a-z]|`tagsmith /.test(own);
}

export function explain({ code, message, hint }: Pick<Failure, 'code' | 'message' | 'hint'>): Explanation {
  const { codes, hints }: { codes: Texts<[string, string | null]>; hints: Texts<string> } = strings.failures;
  const text = codes[code];
  if (text) return { what: text[0], next: text[1], original: message };
  const next = hint && isForCommandLine(hint) ? (hints[code] ?? null) : hint;
  return { what: message, next, original: null };
}

type Texts<Text> = Partial<Record<string, Text>>;

/** What the engine warns of, in the language of the window; its own words stand beside that. */
export const warningTitle = (code: string): string | undefined =>
  (strings.failures.warnings as Partial<Record<string, string>>)[code];

/** What is odd about a model, likewise. */
export const noteTitle = (code: string): string | undefined =>
  (strings.models.notes as Partial<Record<string, string>>)[code];

// What failures, warnings and notes say in another language than English, which their own messages and hints are in.

import type { FailureCode, NoteCode, WarningCode } from '../client/codes';

/** What happened, and what the person can do now, if anything. */
export type FailureText = [what: string, next: string | null];
export type FailureTexts = Record<FailureCode, FailureText>;
/** What the person can do now, in place of advice for the command line. */
export type HintTexts = Record<FailureCode, string>;
export type WarningTexts = Record<WarningCode, string>;
export type NoteTexts = Record<NoteCode, string>;

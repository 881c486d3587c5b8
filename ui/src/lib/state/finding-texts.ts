// What a finding says to a person: in English as the engine says it, in another language by its code. What helps is said
// by its code in every language, because the engine does not know the controls of the window.

import type { Fault } from '../client/client';
import type { Severity } from '../client/contracts';
import { speaksAsEngine } from '../language';
import { isForCommandLine, type Explanation } from '../shared/explain';
import { strings } from '../strings';
import { titleOf } from './repairs';

/** The places that remedies are shown in: each has controls of its own. */
export type Where = keyof typeof strings.data.findings.remedies;

/** What helps. Of kinds of a later version only the engine knows it. */
export function remedyOf(where: Where, code: string, severity: Severity, fix: string | null): string | null {
  // A note without advice needs nothing to be done.
  if (!fix && severity === 'info') return null;
  const remedies: Partial<Record<string, string | null>> = strings.data.findings.remedies[where];
  return code in remedies ? (remedies[code] ?? null) : useful(fix);
}

/** The advice of the engine, where it is of use here. */
const useful = (fix: string | null) => (fix && speaksAsEngine() && !isForCommandLine(fix) ? fix : null);

/** Here the engine knows more than the kind says: what the file is, or what it should be instead. */
const KNOWN_BETTER = ['not-a-corpus', 'unsupported-format', 'column-type'];

/** Why a file cannot be used, and what helps. */
export function explainFault({ code, message, hint }: Fault): Explanation {
  const better = KNOWN_BETTER.includes(code) ? useful(hint) : null;
  const next = better ?? remedyOf('file', code, 'error', hint);
  return speaksAsEngine() ? { what: message, next, original: null } : { what: titleOf(code), next, original: message };
}

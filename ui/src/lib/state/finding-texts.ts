// What a finding says to a person: in English as the engine says it, in another language by its code.

import type { Fault } from '../client/client';
import type { Severity } from '../client/contracts';
import { speaksAsEngine } from '../language';
import { isForCommandLine, type Explanation } from '../shared/explain';
import { strings } from '../strings';
import { titleOf } from './repairs';

/** What helps: in English what the engine advises, which is more exact, unless that is for its command line. */
export function remedyOf(code: string, severity: Severity, fix: string | null): string | null {
  if (fix && speaksAsEngine() && !isForCommandLine(fix)) return fix;
  // A note without advice needs nothing to be done.
  if (!fix && severity === 'info') return null;
  const remedies: Partial<Record<string, string | null>> = strings.data.findings.remedies;
  return remedies[code] ?? null;
}

/** Why a file cannot be used, and what helps. */
export function explainFault({ code, message, hint }: Fault): Explanation {
  const next = remedyOf(code, 'error', hint);
  return speaksAsEngine() ? { what: message, next, original: null } : { what: titleOf(code), next, original: message };
}

// Filters the mistakes of a report.

import type { DocumentErrors, Mistake, MistakeKind } from '../client/contracts';

export interface Filter {
  kind: MistakeKind | null;
  /** Labelled or predicted with this label. */
  label: string | null;
  /** One cell of the confusion table; `null` in it is “no entity”. */
  cell: { gold: string | null; predicted: string | null } | null;
}
export const noFilter: Filter = { kind: null, label: null, cell: null };

/** A document, and those of its mistakes that match. */
export interface Fitting {
  document: DocumentErrors;
  mistakes: Mistake[];
}

/** The documents with mistakes that match. */
export function fitting(documents: readonly DocumentErrors[], filter: Filter): Fitting[] {
  return documents
    .map((document) => ({ document, mistakes: document.errors.filter((mistake) => fits(mistake, filter)) }))
    .filter(({ mistakes }) => mistakes.length > 0);
}

function fits(mistake: Mistake, { kind, label, cell }: Filter): boolean {
  const gold = mistake.gold?.label ?? null;
  const predicted = mistake.predicted?.label ?? null;
  if (kind && mistake.kind !== kind) return false;
  if (label && gold !== label && predicted !== label) return false;
  return !cell || (cell.gold === gold && cell.predicted === predicted);
}

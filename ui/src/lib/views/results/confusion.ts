// The confusion table: what became of the labelled entities of each label, so that the table agrees with the scores.

import type { SplitReport } from '../../client/contracts';
import { byName } from '../../format';

export interface ConfusionRow {
  /** The label; `null` for false alarms, where nothing is labelled. */
  gold: string | null;
  /** Found with the right label and boundaries: what recall counts. */
  correct: number;
  /** Found with the right label and wrong boundaries: wrong in precision and recall. */
  boundaries: number;
  /** Predicted with each label; 0 with its own. */
  predicted: Map<string, number>;
  missed: number;
}

export interface ConfusionTable {
  labels: string[];
  rows: ConfusionRow[];
}

/** `correct` of a row, over all in the row, is the recall of its label. */
export function confusionOf(part: SplitReport): ConfusionTable {
  const labels = Object.keys(part.metrics.labels).sort(byName);
  const boundaries = new Map<string, number>();
  for (const { kind, gold } of part.errors.flatMap((document) => document.errors))
    if (kind === 'boundary' && gold) boundaries.set(gold.label, (boundaries.get(gold.label) ?? 0) + 1);
  const rows = [...labels, null].map((gold): ConfusionRow => {
    const cells = part.confusion.filter((cell) => cell.gold === gold);
    const number = (predicted: string | null) => cells.find((cell) => cell.predicted === predicted)?.count ?? 0;
    const moved = gold === null ? 0 : (boundaries.get(gold) ?? 0);
    return {
      gold,
      // Where the labels agree, the engine's table has both: what is right, and what has wrong boundaries.
      correct: gold === null ? 0 : number(gold) - moved,
      boundaries: moved,
      predicted: new Map(labels.map((label) => [label, label === gold ? 0 : number(label)])),
      missed: number(null),
    };
  });
  return { labels, rows };
}

// The trials of a search as rows of a table: what each column shows, and how it sorts.

import type { SettingValue, Trial } from '../client/client';
import { byName } from '../format';

/** A column: `trial`, `dev`, `curve`, `run`, `time` or `status`, or the name of a setting. */
export type Column = string;

export interface Order {
  column: Column;
  /** Whether the largest come first. */
  descending: boolean;
}

/** Columns whose best is the largest begin with that. */
export const beginsDescending = (column: Column): boolean => column === 'dev' || column === 'curve' || column === 'run';

const STATUS = ['done', 'running', 'pausing', 'paused', 'stopped', 'waiting', 'failed'];

/** What a trial is sorted by; `null` comes last, in either direction. */
function keyOf(trial: Trial, column: Column): SettingValue | null {
  switch (column) {
    case 'trial':
      return trial.trial;
    case 'dev':
      return trial.dev_f1;
    case 'curve':
      return trial.curve.length ? Math.max(...trial.curve.map((point) => point.dev_f1)) : null;
    case 'run':
      return trial.rung;
    case 'time':
      return trial.seconds || null;
    case 'status':
      return STATUS.indexOf(trial.status);
    default:
      return trial.values[column] ?? null;
  }
}

/** The trials in an order; of equal ones the lower number comes first. */
export function sorted(trials: readonly Trial[], { column, descending }: Order): Trial[] {
  const direction = descending ? -1 : 1;
  return [...trials].sort((a, b) => {
    const [left, right] = [keyOf(a, column), keyOf(b, column)];
    if (left === right) return a.trial - b.trial;
    if (left === null) return 1;
    if (right === null) return -1;
    const by =
      typeof left === 'number' && typeof right === 'number' ? left - right : byName(String(left), String(right));
    return by * direction || a.trial - b.trial;
  });
}

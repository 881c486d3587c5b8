// The repairs of a data set as a history: what one undo takes back, and one redo does again.

import type { DataSet, Repair } from '../client/client';

type History = Pick<DataSet, 'repairs' | 'undone' | 'at_once'>;

/** What undo takes back, in the order in which it was done. */
export function lastStep({ repairs, at_once }: History): Repair[] {
  const step = at_once?.find(([, to]) => to === repairs.length);
  return repairs.slice(step ? step[0] : -1);
}

/** What redo does again, in the order in which it does so. */
export function nextStep({ repairs, undone, at_once }: History): Repair[] {
  const step = at_once?.find(([from]) => from === repairs.length);
  return undone.slice(-(step ? step[1] - step[0] : 1)).reverse();
}

/** The history with repairs that were asked for at once; what was taken back before them is forgotten. */
export function withRepairs({ repairs, at_once = [] }: History, added: Repair[]): History {
  const from = repairs.length;
  const step: [number, number][] = added.length > 1 ? [[from, from + added.length]] : [];
  return {
    repairs: [...repairs, ...added],
    undone: [],
    at_once: [...at_once.filter(([, to]) => to <= from), ...step],
  };
}

/** The history after one undo. */
export function withoutLast(history: History): History {
  const step = lastStep(history);
  return {
    ...history,
    repairs: history.repairs.slice(0, history.repairs.length - step.length),
    undone: [...history.undone, ...step.reverse()],
  };
}

/** The history after one redo. */
export function withNext(history: History): History {
  const step = nextStep(history);
  return {
    ...history,
    repairs: [...history.repairs, ...step],
    undone: history.undone.slice(0, history.undone.length - step.length),
  };
}

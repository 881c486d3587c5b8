// The changes of data sets as a history: what one undo takes back, and one redo does again.

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

/** A kind of finding that was ignored, or is shown again. */
export interface Ignoring {
  set: string;
  code: string;
  /** How many of them were ignored before, and are now; `null` where the kind is shown. */
  before: number | null;
  after: number | null;
  /** After how many repairs. */
  repairs: number;
}

/** What was ignored since the window opened, between the repairs, which the library remembers. */
export class Ignorings {
  #done: Ignoring[] = [];
  #undone: Ignoring[] = [];

  add(step: Ignoring): void {
    this.#done.push(step);
    this.changed(step.set);
  }

  /** What was taken back before a change is forgotten. */
  changed(set: string): void {
    this.#undone = this.#undone.filter((step) => step.set !== set);
  }

  /** The one to take back, if it came after the last repair. */
  last({ id, repairs }: Pick<DataSet, 'id' | 'repairs'>): Ignoring | undefined {
    const step = this.#done.findLast(({ set }) => set === id);
    return step && step.repairs >= repairs.length ? step : undefined;
  }

  /** The one to do again, if it came before the next repair. */
  next({ id, repairs }: Pick<DataSet, 'id' | 'repairs'>): Ignoring | undefined {
    const step = this.#undone.findLast(({ set }) => set === id);
    return step && step.repairs <= repairs.length ? step : undefined;
  }

  undo(step: Ignoring): void {
    this.#done = this.#done.filter((one) => one !== step);
    this.#undone.push(step);
  }

  redo(step: Ignoring): void {
    this.#undone = this.#undone.filter((one) => one !== step);
    this.#done.push(step);
  }
}

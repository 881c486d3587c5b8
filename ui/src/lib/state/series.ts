// The columns of numbers that charts draw, appended step by step.

import type { EvaluatedEvent, StepEvent } from '../client/contracts';

/** A chart has fewer pixels than this, so a longer series is thinned out; the newest point always stays. */
export const MOST_POINTS = 2000;
/** The weight of the previous average in the smoothed loss, 0–1. */
const INERTIA = 0.9;

interface Point {
  step: number;
  /** Passes over the training data up to here. */
  epoch: number;
  loss: number;
  /** Exponential moving average of the losses up to here. */
  smooth: number;
  rate: number;
  /** Tokens per second. */
  speed: number;
}

/** The points of a curve, each quantity in a column. */
export type StepColumns = { [K in keyof Point]: number[] };

/** The steps of a run. Adding one takes constant time, however many there are. */
export class StepSeries {
  #kept: Point[] = [];
  #newest: Point | undefined;
  /** One step in this many is kept. */
  #every = 1;
  #passed = 0;

  add({ step, epoch, loss, lr, tokens_per_second }: StepEvent): void {
    const before = this.#newest;
    // A chart's x must rise.
    if (before && step <= before.step) return;
    const smooth = before ? before.smooth * INERTIA + loss * (1 - INERTIA) : loss;
    this.#newest = { step, epoch, loss, smooth, rate: lr, speed: tokens_per_second };
    this.#passed += 1;
    if (this.#kept.length > 0 && this.#passed < this.#every) return;
    this.#passed = 0;
    this.#kept.push(this.#newest);
    if (this.#kept.length < MOST_POINTS) return;
    this.#kept = this.#kept.filter((_, place) => place % 2 === 0);
    this.#every *= 2;
  }

  /** Drops the steps after `step`. */
  cutAfter(step: number): void {
    const after = this.#kept.findIndex((point) => point.step > step);
    if (after >= 0) this.#kept.length = after;
    if (this.#newest && this.#newest.step > step) this.#newest = this.#kept.at(-1);
  }

  columns(): StepColumns {
    const points = this.#points();
    const of = (pick: (point: Point) => number) => points.map(pick);
    return {
      step: of((point) => point.step),
      epoch: of((point) => point.epoch),
      loss: of((point) => point.loss),
      smooth: of((point) => point.smooth),
      rate: of((point) => point.rate),
      speed: of((point) => point.speed),
    };
  }

  #points(): readonly Point[] {
    const newest = this.#newest;
    return newest && newest !== this.#kept.at(-1) ? [...this.#kept, newest] : this.#kept;
  }
}

/** Epochs, then F1, precision and recall, in hundredths. */
export function scoreColumns(scores: readonly EvaluatedEvent[]): [number[], number[], number[], number[]] {
  const of = (pick: (event: EvaluatedEvent) => number) => scores.map(pick);
  return [
    of((event) => event.epoch),
    of((event) => event.metrics.overall.f1 * 100),
    of((event) => event.metrics.overall.precision * 100),
    of((event) => event.metrics.overall.recall * 100),
  ];
}

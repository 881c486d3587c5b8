// The columns that charts draw, made from a run's events.

import type { EvaluatedEvent, StepEvent } from '../client/contracts';

/** More points than a chart has pixels are thinned out; the newest always stays. */
const POINTS = 1500;

export function lossColumns(steps: readonly StepEvent[]): [number[], number[], number[]] {
  let mean: number | undefined;
  const smooth = steps.map((step) => (mean = mean === undefined ? step.loss : mean * 0.95 + step.loss * 0.05));
  const kept = thin(steps.length);
  return [kept.map((i) => steps[i]?.step ?? 0), kept.map((i) => steps[i]?.loss ?? 0), kept.map((i) => smooth[i] ?? 0)];
}

export function rateColumns(steps: readonly StepEvent[]): [number[], number[]] {
  const kept = thin(steps.length);
  return [kept.map((i) => steps[i]?.step ?? 0), kept.map((i) => steps[i]?.lr ?? 0)];
}

/** Steps, then F1, precision and recall, in hundredths. */
export function scoreColumns(scores: readonly EvaluatedEvent[]): [number[], number[], number[], number[]] {
  const of = (pick: (event: EvaluatedEvent) => number) => scores.map(pick);
  return [
    of((event) => event.step),
    of((event) => event.metrics.overall.f1 * 100),
    of((event) => event.metrics.overall.precision * 100),
    of((event) => event.metrics.overall.recall * 100),
  ];
}

function thin(length: number): number[] {
  const every = Math.max(1, Math.ceil(length / POINTS));
  const kept: number[] = [];
  for (let i = 0; i < length; i += 1) if (i % every === 0 || i === length - 1) kept.push(i);
  return kept;
}

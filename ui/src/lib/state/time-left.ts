// About how long a run will still take, by its events.

import type { StartedEvent, StepEvent } from '../client/contracts';
import { estimate } from '../format';

/**
 * The engine's estimate rests on the epochs that it expects. Until the first of them is scored, a run whose length
 * depends on dev F1 may as well take all that it is allowed, so both are named.
 */
export function timeLeft(step: StepEvent, started: StartedEvent | undefined, isScored: boolean): string {
  const { eta_seconds: eta, steps, step: done, epoch } = step;
  const { schedule, refit, epochs: most } = started?.config ?? {};
  if (isScored || schedule !== 'adaptive' || refit || !most || !steps || epoch <= 0) return estimate(eta);
  const expected = (steps * epoch) / done;
  return expected > epoch && most > expected
    ? estimate(eta, (eta * (most - epoch)) / (expected - epoch))
    : estimate(eta);
}

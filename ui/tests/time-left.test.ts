// The time that a run still takes: a range until its first epoch is scored, where dev F1 decides how many there are.

import { expect, test } from 'vitest';
import type { StartedEvent, StepEvent } from '../src/lib/client/contracts';
import { timeLeft } from '../src/lib/state/time-left';
import { plain } from './mount';

// 10 steps an epoch; 15 epochs are expected, 30 the most.
const step = { event: 'step', step: 5, steps: 150, epoch: 0.5, eta_seconds: 290 } as StepEvent;
const started = (config: Partial<StartedEvent['config']>) =>
  ({ event: 'started', config: { epochs: 30, schedule: 'adaptive', refit: false, ...config } }) as StartedEvent;

const cases: [string, string, StartedEvent | undefined, boolean][] = [
  ['before the first epoch is scored', '5–10 min', started({}), false],
  ['after it', '5 min', started({}), true],
  ['with epochs that were chosen', '5 min', started({ schedule: 'linear', epochs: 15 }), false],
  ['where the last half is a refit', '5 min', started({ refit: true }), false],
  ['without the beginning of the log', '5 min', undefined, false],
];
test.each(cases)('%s', (_, expected, begun, isScored) => {
  expect(plain(timeLeft(step, begun, isScored))).toBe(expected);
});

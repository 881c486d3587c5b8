// How the state of a run of pretraining is shown in lists and details.

import type { Pretraining } from '../../client/client';
import { percent } from '../../format';
import { strings } from '../../strings';

/** The look of its chip. */
export function lookOf({ status, made }: Pretraining): string {
  if (status === 'finished') return made ? 'good' : 'warn';
  return { running: 'accent', stopped: 'warn', failed: 'bad' }[status];
}

/** Its state in a word; how far it is while it runs. */
export function statusOf({ status, made, step, steps }: Pretraining): string {
  const words = strings.pretraining;
  if (status === 'running' && steps) return percent(step / steps);
  return status === 'finished' && !made ? words.useless : words.status[status];
}

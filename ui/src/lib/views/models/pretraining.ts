// How the state of a run of pretraining is shown in lists and details.

import type { Pretraining } from '../../client/client';
import { percent } from '../../format';
import type { Queue } from '../../state/queue.svelte';
import { strings } from '../../strings';

/** Its state in a word and a colour; how far it is while it runs. */
export function standing(pretraining: Pretraining, queue: Queue): { chip: string; look: string } {
  const { status, made, step, steps } = pretraining;
  const words = strings.pretraining;
  const held = queue.standing(pretraining);
  if (held) return held;
  if (status === 'finished')
    return made ? { chip: words.status.finished, look: 'good' } : { chip: words.useless, look: 'warn' };
  const look = { running: 'accent', stopped: 'warn', failed: 'bad' }[status];
  return { chip: status === 'running' && steps ? percent(step / steps) : words.status[status], look };
}

// A wrong prediction in words.

import type { Mistake } from '../../client/contracts';
import { strings } from '../../strings';

export function mistakeTitle({ kind, gold, predicted }: Mistake): string {
  return strings.results.mistake[kind](gold?.label ?? '', predicted?.label ?? '');
}

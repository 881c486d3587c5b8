// Devices and their tests.

import { count, fixed } from '../../format';
import { many } from './words';

export const devices = {
  kinds: {
    cpu: 'processor',
    discrete: 'graphics card',
    integrated: 'integrated graphics',
    virtual: 'virtual graphics card',
    software: 'software renderer, for tests',
    other: 'graphics',
  },
  automatic: 'Automatic: the fastest',
  threads: (threads: number) => many(threads, 'thread', 'threads'),
  memoryUnknown: 'memory unknown',
  speed: (times: number) => `${fixed(times, 1)} times as fast as the processor`,
  passed: 'Test passed',
  refused: 'Test failed',
  unusable: 'not used',
  untested: 'Not tested yet',
  notUsed: (reason: string) => `Not used: ${reason}`,
  advice: 'A newer driver may help: update it, then test again.',
  test: 'Test',
  testAgain: 'Test again',
  preparingLabel: 'Preparing the GPU',
  preparing: (kernel: number, total: number | null, left: string | null) =>
    `Preparing the GPU: kernel ${count(kernel)}${total === null ? '' : ` of ${count(total)}`}${left === null ? '' : `, about ${left} left`} (once for this card)`,
  warmingUp: (done: number, total: number, left: string | null) =>
    `Preparing the GPU for this run: ${count(done)} of ${many(total, 'kernel', 'kernels')}${left === null ? '' : `, about ${left} left`}`,
  testAbout:
    'Before its first run, each device has to compute the same numbers as the processor; otherwise it is not used.',
  testing: 'Looking for devices…',
};

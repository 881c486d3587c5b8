// Devices and their tests.

import type { DeviceRefusal } from '../../client/contracts';
import { count, fixed } from '../../format';
import { many } from './words';

const newerDriver = 'A newer driver may help: update it, then test again.';

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
  advice: newerDriver,
  /** Why a device is not used, and what may help. */
  refusals: {
    'wrong-numbers': ['it computes wrong numbers', newerDriver],
    'driver-failed': ['its driver failed during the test', newerDriver],
    crashed: ['its test crashed', newerDriver],
    'too-slow': ['its test took too long', 'Close other programs, then test again. A newer driver may help as well.'],
    interrupted: ['its test was ended from outside', 'Test again.'],
    'not-started': ['its test could not be started', 'Test again. If it happens again, reinstall Tagsmith.'],
    busy: ['another program was testing devices', 'Wait until that is done, then test again.'],
    'missing-library': ['something that it needs is not installed', 'Install it, then test again.'],
  } as Record<DeviceRefusal, [what: string, next: string]>,
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

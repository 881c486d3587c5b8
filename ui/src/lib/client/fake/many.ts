// A library of years: hundreds of runs, a search with hundreds of trials, and a long queue.

import { DEFAULT_SETTINGS } from '../contracts';
import type { RunRequest } from '../client';
import { planStudy, SPACE, ticksOf } from './study';
import type { FakeRun, World } from './world';

const RUNS = 300;
const TRIALS = 300;
const QUEUED = 100;

export function addMany(world: World): void {
  const request = (name: string, often: NonNullable<RunRequest['often']>): RunRequest => ({
    name,
    model: 'starter',
    data: 'support-tickets',
    settings: { ...DEFAULT_SETTINGS },
    often,
  });
  const first = world.runs[0] as FakeRun;
  for (let number = 1; number <= RUNS; number += 1) {
    const created = new Date(Date.UTC(2026, 8, 1) + number * 5_400_000).toISOString();
    const f1 = 0.7 + ((number * 37) % 180) / 1000;
    const run = {
      ...first.run,
      id: `many-${number}`,
      name: `Attempt ${number}`,
      created,
      best_f1: f1,
      test_f1: f1 - 0.01,
    };
    world.runs.push({ ...first, run });
  }
  const search = request('Search with 300 trials', { kind: 'search', trials: TRIALS, space: SPACE });
  const plan = planStudy(search);
  const { study } = world.addStudy(search, plan, Math.round(ticksOf(plan) * 0.8), 'stopped');
  study.created = '2026-11-23T09:00:00Z';
  for (let number = 1; number <= QUEUED; number += 1) {
    const waiting = request(`Queued ${number}`, { kind: 'once' });
    const id = `run-${100 + number}`;
    world.waiting.set(id, waiting);
    world.queue.entries.push({ ...world.queueEntry(id, 'run', waiting), status: 'paused' });
  }
}

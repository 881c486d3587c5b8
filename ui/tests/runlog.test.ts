// The events of a run as the charts need them: each once, in order, and not too many.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EvaluatedEvent, TimestampedEvent, StartedEvent } from '../src/lib/client/contracts';
import { FLUSH_INTERVAL, RunLog } from '../src/lib/state/runlog.svelte';
import { MOST_POINTS } from '../src/lib/state/series';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

let clock = 0;
beforeEach(() => (clock = 0));
const time = () => new Date(Date.UTC(2026, 0, 1) + ++clock * 100).toISOString();
const started = (done_steps: number) =>
  ({ event: 'started', steps: 1000, done_steps, documents: {}, time: time() }) as unknown as StartedEvent &
    TimestampedEvent;
const step = (number: number, loss = 1) =>
  ({ event: 'step', step: number, epoch: 0, loss, lr: 1e-5, eta_seconds: 0, time: time() }) as TimestampedEvent;
const scored = (number: number, f1 = 0.5, split = 'dev') =>
  ({
    event: 'evaluated',
    split,
    step: number,
    epoch: 0,
    loss: 1,
    best: false,
    metrics: { overall: { f1, precision: f1, recall: f1 } },
    time: time(),
  }) as unknown as EvaluatedEvent & TimestampedEvent;
const failed = () => ({ event: 'failed', code: 'x', message: 'gone', hint: null, time: time() }) as TimestampedEvent;

function logOver(...answers: TimestampedEvent[][]) {
  const replies: (() => void)[] = [];
  const log = new RunLog(
    () =>
      new Promise((resolve) => {
        const answer = answers.shift() ?? [];
        replies.push(() => resolve(answer));
      }),
  );
  return {
    log,
    answer: async () => {
      replies.shift()?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}
const drawn = (log: RunLog) => log.steps.step;

test('events that are in the history and live are shown once', async () => {
  const past = [started(0), step(1), step(2), scored(2), step(3)];
  const { log, answer } = logOver(past);
  log.open();
  for (const event of past.slice(2)) log.add(event);
  const next = step(4);
  log.add(next);
  await answer();
  // The shell's next batch of events arrives after the response.
  for (const event of [...past, next, step(5)]) log.add(event);
  await vi.advanceTimersByTimeAsync(2 * FLUSH_INTERVAL);
  expect(drawn(log)).toEqual([1, 2, 3, 4, 5]);
  expect(log.entries.map((event) => event.event)).toEqual(['started', 'evaluated']);
  expect(log.scores).toHaveLength(1);
});

test('the steps after the last checkpoint are repeated after a resume, and replace the old ones', async () => {
  const old = [started(0), step(1, 9), step(2, 9), scored(2, 0.3), step(3, 9), step(4, 9), scored(4, 0.4), failed()];
  const { log, answer } = logOver(old);
  log.open();
  await answer();
  expect(log.failed?.message).toBe('gone');
  const again = [started(2), step(3, 5), step(4, 5), scored(4, 0.6), step(5, 5)];
  for (const event of again) log.add(event);
  // A late copy of an earlier event changes nothing.
  log.add(old[5] as TimestampedEvent);
  log.add(again[0] as TimestampedEvent);
  await vi.advanceTimersByTimeAsync(2 * FLUSH_INTERVAL);
  expect(log.steps.step).toEqual([1, 2, 3, 4, 5]);
  expect(log.steps.loss).toEqual([9, 9, 5, 5, 5]);
  expect(log.scores.map((event) => event.metrics.overall.f1)).toEqual([0.3, 0.6]);
  expect(log.step?.step).toBe(5);
  expect(log.failed).toBeUndefined();
});

test('a history with a resume is read the same way', async () => {
  const { log, answer } = logOver([started(0), step(1), step(2), step(3), started(1), step(2, 4), step(3, 4)]);
  log.open();
  await answer();
  expect([log.steps.step, log.steps.loss]).toEqual([
    [1, 2, 3],
    [1, 4, 4],
  ]);
});

test('a run that rolled back replaces its steps', async () => {
  const { log, answer } = logOver([started(0), step(1, 9), step(2, 9), step(3, 9)]);
  log.open();
  await answer();
  for (const event of [step(2, 5), step(3, 5), step(4, 5)]) log.add(event);
  await vi.advanceTimersByTimeAsync(2 * FLUSH_INTERVAL);
  expect([log.steps.step, log.steps.loss]).toEqual([
    [1, 2, 3, 4],
    [9, 5, 5, 5],
  ]);
  expect(log.step?.step).toBe(4);
});

test('a run that starts again from the beginning shows nothing old', async () => {
  const { log, answer } = logOver([started(0), step(1), step(2), scored(2)]);
  log.open();
  await answer();
  log.add(started(0));
  await vi.advanceTimersByTimeAsync(2 * FLUSH_INTERVAL);
  expect(drawn(log)).toEqual([]);
  expect(log.step).toBeUndefined();
  expect(log.scores).toEqual([]);
});

test('a log that was not opened has only the progress of the run', () => {
  const { log } = logOver();
  for (let number = 1; number <= 5; number += 1) log.add(step(number));
  expect(log.step?.step).toBe(5);
  expect(drawn(log)).toEqual([]);
});

test('a hundred thousand steps are drawn as about two thousand points, including the newest', async () => {
  const { log, answer } = logOver([started(0), ...Array.from({ length: 99_990 }, (_, place) => step(place + 1))]);
  log.open();
  await answer();
  for (let tick = 0; tick < 10; tick += 1) {
    log.add(step(99_991 + tick));
    await vi.advanceTimersByTimeAsync(FLUSH_INTERVAL);
    const steps = log.steps.step;
    expect(steps.length).toBeLessThanOrEqual(MOST_POINTS + 1);
    expect(steps.at(-1)).toBe(99_991 + tick);
  }
  const steps = log.steps.step;
  expect(steps.length).toBeGreaterThan(900);
  expect(steps.every((x, place) => place === 0 || x > (steps[place - 1] ?? 0))).toBe(true);
});

test('a late response to an earlier request is dropped', async () => {
  const past = [started(0), step(1), step(2)];
  const { log, answer } = logOver(past.slice(0, 2), past);
  const replies = [log.reload(), log.reload()];
  log.add(step(3));
  // Both requests are pending: the second is answered first.
  await answer();
  await answer();
  await Promise.all(replies);
  expect(drawn(log)).toEqual([1, 2, 3]);
});

test('a history that failed to load can be tried again', async () => {
  let asked = 0;
  const log = new RunLog(async () => {
    asked += 1;
    if (asked === 1) throw new Error('gone');
    return [started(0), step(1)];
  });
  log.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(log.history.status).toBe('failed');
  await log.history.retry();
  expect(drawn(log)).toEqual([1]);
});

test('the progress of a GPU preparation is known, and its test and its warm-up have one log line each', async () => {
  const preparing = (stage: 'test' | 'warm-up' | null, done: number, total: number | null) =>
    ({ event: 'preparing', device: 'cuda:0', stage, done, total, eta_seconds: null, time: time() }) as TimestampedEvent;
  const { log, answer } = logOver([]);
  log.open();
  await answer();
  const after = async (...events: TimestampedEvent[]) => {
    for (const event of events) log.add(event);
    await vi.advanceTimersByTimeAsync(2 * FLUSH_INTERVAL);
    return log.preparing;
  };
  expect(await after(preparing('test', 0, 48), preparing('test', 12, 48))).toMatchObject({
    stage: 'test',
    done: 12,
    total: 48,
  });
  // With more kernels than expected, the total is unknown.
  expect(await after(preparing('test', 49, null))).toMatchObject({ done: 49, total: null });
  expect(await after(preparing('test', 60, 60))).toBeUndefined();
  expect(await after(started(0), preparing('warm-up', 0, 3))).toMatchObject({ stage: 'warm-up' });
  expect(await after(preparing('warm-up', 2, 3), step(1))).toBeUndefined();
  expect(log.entries.map((event) => event.event)).toEqual(['preparing', 'started', 'preparing']);
});

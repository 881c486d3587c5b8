// Events and responses may arrive in any order: neither may undo the other.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { Client, Evaluation, Run } from '../src/lib/client/client';
import { Failure } from '../src/lib/client/client';
import { createFake } from '../src/lib/client/fake';
import { Evaluations } from '../src/lib/state/evaluations.svelte';
import { Runs } from '../src/lib/state/runs.svelte';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const run = (id: string, status: Run['status'] = 'finished', step = 1) => ({ id, status, step, created: id }) as Run;

function runsOver() {
  const answers: ((runs: Run[]) => void)[] = [];
  const refusals: ((reason: Error) => void)[] = [];
  let publish: (run: Run) => void = () => {};
  const ended: string[] = [];
  const client = {
    runs: {
      list: () =>
        new Promise<Run[]>((resolve, reject) => {
          answers.push(resolve);
          refusals.push(reject);
        }),
      onChange: (listener: typeof publish) => {
        publish = listener;
      },
      onEvent: () => {},
    },
  } as unknown as Client;
  const runs = new Runs(client, { ended: (one) => ended.push(one.id) });
  return { runs, ended, answers, refusals, publish: (one: Run) => publish(one) };
}

test('an event about one run while the list loads hides no other run', async () => {
  const { runs, answers, publish } = runsOver();
  const loaded = runs.load();
  publish(run('b', 'running', 7));
  expect(runs.list.value).toBeUndefined();
  answers[0]?.([run('a'), run('b', 'running', 3)]);
  await loaded;
  expect(runs.list.value).toEqual([run('a'), run('b', 'running', 7)]);
  expect(runs.list.status).toBe('ready');
});

test('an event before a retry is older than the response', async () => {
  const { runs, answers, refusals, publish } = runsOver();
  const first = runs.load();
  publish(run('a', 'running'));
  refusals[0]?.(new Error('gone'));
  await first;
  expect(runs.list.status).toBe('failed');
  const second = runs.list.retry();
  answers[1]?.([run('a', 'stopped')]);
  await second;
  expect(runs.list.value).toEqual([run('a', 'stopped')]);
});

test('a run that ends while the list loads is reported', async () => {
  const { runs, ended, answers, publish } = runsOver();
  const loaded = runs.load();
  publish(run('a', 'running'));
  publish(run('a', 'stopped'));
  answers[0]?.([run('a', 'running')]);
  await loaded;
  expect(ended).toEqual(['a']);
  expect(runs.get('a')?.status).toBe('stopped');
});

test('a run that is deleted while the list loads does not come back', async () => {
  const { runs, answers } = runsOver();
  const loaded = runs.load();
  runs.drop('a');
  answers[0]?.([run('a'), run('b')]);
  await loaded;
  expect(runs.list.value).toEqual([run('b')]);
});

test('the response to a start does not undo later events', () => {
  const { runs, publish } = runsOver();
  publish(run('a', 'failed'));
  runs.add(run('a', 'running'));
  expect(runs.get('a')?.status).toBe('failed');
});

test('events about evaluations while the list loads are merged', async () => {
  const { client, world } = createFake();
  const evaluations = new Evaluations(client, () => {});
  const loaded = evaluations.load();
  const [one] = world.evaluations;
  for (const listener of world.listeners.evaluation) listener({ ...(one?.evaluation as Evaluation), f1: 0.5 });
  await loaded;
  expect(evaluations.sorted).toHaveLength(2);
  expect(evaluations.get(one?.evaluation.id ?? '')?.f1).toBe(0.5);
});

test('an evaluation that fails at once is shown as failed', async () => {
  const { client, world } = await openAt('Results', { tick: 100_000 });
  const start = client.evaluations.start;
  client.evaluations.start = async (request) => {
    const started = await start(request);
    const failure = { code: 'engine', message: 'the engine cannot be started', hint: null };
    for (const listener of world.listeners.evaluation) listener({ ...started, status: 'failed', failure });
    return started;
  };
  await click(strings.results.evaluation.new);
  await choose(strings.results.evaluation.data, 'field-notes');
  await click(strings.results.evaluation.go);
  expect(await screen.findByText(strings.results.evaluation.failed)).toBeTruthy();
  expect(screen.queryByText(strings.results.evaluation.status.running)).toBeNull();
  clearInterval(world.evaluations.at(-1)?.timer ?? undefined);
});

test('a run that fails at once is shown as failed', async () => {
  const { client, world } = await openAt('Train', { tick: 100_000 });
  const start = client.runs.start;
  client.runs.start = async (request) => {
    const started = await start(request);
    if (started.as !== 'run') throw new Error('nothing else trains');
    for (const listener of world.listeners.change)
      listener({ ...started.run, status: 'failed', failure: new Failure('engine', 'the engine cannot be started') });
    return started;
  };
  await choose(strings.train.model, 'starter');
  await click(strings.train.start);
  expect(await screen.findByText('The engine cannot be started')).toBeTruthy();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

// The queue: what is started while something trains waits, is moved, paused, removed and put back.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.queue;

async function panel() {
  return screen.findByRole('region', { name: words.title });
}
const names = (queue: HTMLElement) =>
  within(queue)
    .getAllByRole('listitem')
    .map((row) => row.querySelector('.name')?.textContent);

async function openQueue(prepare?: NonNullable<Parameters<typeof openAt>[1]>['prepare']) {
  const fake = await openAt('Train', { scenario: 'studies', tick: 1000, ...(prepare ? { prepare } : {}) });
  return { ...fake, queue: await panel() };
}

test('while a run works, the next one waits, and begins when its turn comes', async () => {
  const { world } = await openAt('Train', { tick: 5 });
  await choose(strings.train.model, 'starter');
  await choose(/^Epochs/, '1');
  await click(strings.train.start);
  screen.getAllByRole('button', { name: strings.train.new })[0]?.click();
  await choose(strings.train.name, 'Second');
  await choose(/^Epochs/, '1');
  await click(strings.train.enqueue);
  expect(await screen.findByText(words.added('Second'))).toBeTruthy();
  expect(names(await panel())).toEqual(['Second']);
  await waitFor(() => expect(world.runs.at(-1)?.run.name).toBe('Second'), { timeout: 10_000 });
  await waitFor(() => expect(world.runs.at(-1)?.run.status).toBe('finished'), { timeout: 10_000 });
});

test('the settings show how two entries of the same data differ', async () => {
  const { world } = await openAt('Train', { tick: 1000 });
  await choose(strings.train.model, 'starter');
  await click(strings.train.start);
  for (const epochs of ['7', '']) {
    screen.getAllByRole('button', { name: strings.train.new })[0]?.click();
    await choose(/^Epochs/, epochs);
    await click(strings.train.enqueue);
    await waitFor(() => expect(world.queue.entries.length).toBe(epochs ? 1 : 2));
  }
  const rows = within(await panel()).getAllByRole('listitem');
  expect(rows[0]?.textContent).toContain('Epochs 7');
  expect(rows[1]?.textContent).toContain(words.defaults);
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('entries are moved by buttons and by keys, and the focus goes with them', async () => {
  const { queue } = await openQueue();
  expect(names(queue)).toEqual(['With a CRF', 'Baseline, longer', 'Search with BERT']);
  await click(words.down('With a CRF'));
  await waitFor(() => expect(names(queue)).toEqual(['Baseline, longer', 'With a CRF', 'Search with BERT']));
  const up = within(queue).getByRole('button', { name: words.up('Search with BERT') });
  up.focus();
  await fireEvent.keyDown(up, { key: 'ArrowUp', altKey: true });
  await waitFor(() => expect(names(queue)).toEqual(['Baseline, longer', 'Search with BERT', 'With a CRF']));
  await fireEvent.keyDown(up, { key: 'Home', altKey: true });
  await waitFor(() => expect(names(queue)).toEqual(['Search with BERT', 'Baseline, longer', 'With a CRF']));
  expect(document.activeElement?.closest('li')?.querySelector('.name')?.textContent).toBe('Search with BERT');
  await fireEvent.keyDown(up, { key: 'End', altKey: true });
  await waitFor(() => expect(names(queue)).toEqual(['Baseline, longer', 'With a CRF', 'Search with BERT']));
  await fireEvent.keyDown(up, { key: 'ArrowUp', altKey: true });
  await waitFor(() => expect(names(queue)).toEqual(['Baseline, longer', 'Search with BERT', 'With a CRF']));
  await waitFor(() =>
    expect(document.activeElement?.closest('[data-entry]')?.textContent).toContain('Search with BERT'),
  );
  expect(await within(queue).findByText(words.moved('Search with BERT', 2, 3))).toBeTruthy();
});

test('an entry is removed, and put back where it was', async () => {
  const { queue } = await openQueue();
  await click(words.remove('Baseline, longer'));
  await waitFor(() => expect(names(queue)).toEqual(['With a CRF', 'Search with BERT']));
  await click(strings.common.undo);
  await waitFor(() => expect(names(queue)).toEqual(['With a CRF', 'Baseline, longer', 'Search with BERT']));
});

test('what waits for a person is counted apart from what runs', async () => {
  await openQueue((_, world) => {
    world.queue.entries = world.queue.entries.map((entry, place) => ({
      ...entry,
      status: place === 0 ? 'running' : 'paused',
    }));
  });
  expect(await screen.findByText(words.standing(0, 2, 0))).toBeTruthy();
  expect(words.standing(0, 2, 0)).toBe('2 paused');
  expect(words.standing(0, 0, 0)).toBe('running');
});

test('what runs is shown first, and neither it nor the ends can be moved on', async () => {
  const { queue } = await openQueue((_, world) => {
    world.queue.entries = world.queue.entries.map((entry, place) => ({
      ...entry,
      status: place === 1 ? 'running' : 'waiting',
    }));
  });
  expect(names(queue)).toEqual(['Baseline, longer', 'With a CRF', 'Search with BERT']);
  const inactive = (name: string) => (within(queue).getByRole('button', { name }) as HTMLButtonElement).disabled;
  expect([words.up, words.down].map((way) => inactive(way('Baseline, longer')))).toEqual([true, true]);
  expect([words.up, words.down].map((way) => inactive(way('With a CRF')))).toEqual([true, false]);
  expect([words.up, words.down].map((way) => inactive(way('Search with BERT')))).toEqual([false, true]);
});

test.each(['paused', 'waiting'] as const)(
  'a stopped run that is %s in the queue is called so everywhere',
  async (status) => {
    await openQueue((_, world) => {
      const run = (world.runs[0]!.run = { ...world.runs[0]!.run, status: 'stopped' });
      world.runs[1]!.run.status = 'running';
      world.queue.entries = world.queue.entries.map((entry, place) =>
        place === 0 ? { ...entry, status, target: run.id } : entry,
      );
    });
    const row = await screen.findByTestId('run-tickets-first');
    expect(within(row).getByText(words.status[status])).toBeTruthy();
    row.click();
    await waitFor(() => expect(document.querySelector('.run h2 .chip')?.textContent).toBe(words.status[status]));
    expect(within(row).queryByText(strings.train.status.stopped)).toBeNull();
  },
);

test('one entry is paused and resumed, or all of them', async () => {
  const { queue, world } = await openQueue((_, world) => {
    world.queue.entries = world.queue.entries.map((entry) => ({ ...entry, status: 'waiting' }));
    world.runs[0]!.run.status = 'running';
  });
  await click(words.pause('With a CRF'));
  await waitFor(() => expect(world.queue.entries[0]?.status).toBe('paused'));
  expect(await within(queue).findByText(words.status.paused)).toBeTruthy();
  await click(words.pauseAll);
  await waitFor(() => expect(within(queue).getAllByText(words.status.paused).length).toBe(3));
  await click(words.resumeAll);
  await waitFor(() => expect(within(queue).getAllByText(words.status.waiting).length).toBe(3));
});

test('a queue that does not go on says why', async () => {
  const { queue, world } = await openQueue((_, world) => {
    world.queue.failure = { code: 'disk-full', message: 'cannot write the log', hint: 'free some space' };
  });
  expect(within(queue).getByText(words.stuck)).toBeTruthy();
  expect(within(queue).getByText('Cannot write the log')).toBeTruthy();
  await click(words.goOn);
  await waitFor(() => expect(world.queue.failure).toBeNull());
});

test('a queue that cannot be read can be tried again', async () => {
  const { switches, queue } = await openQueue((all) =>
    all.refuse('queue.state', new Failure('plan', '`plan.jsonl`, line 1: no id', 'correct the line')),
  );
  expect(await within(queue).findByText(words.failed)).toBeTruthy();
  switches.allow('queue.state');
  await click(strings.common.retry);
  const again = await panel();
  await waitFor(() => expect(names(again).length).toBe(3));
});

test.each([
  ['go', words.ask.go, 'waiting'],
  ['later', words.ask.later, 'paused'],
] as const)('a queue that was closed asks first: %s', async (_, button, status) => {
  const { world } = await openAt('Models', {
    scenario: 'studies',
    tick: 1000,
    prepare: (_, world) => {
      world.queue.entries = world.queue.entries.map((entry) => ({ ...entry, status: 'waiting' }));
      world.queue.asks = true;
      world.runs[0]!.run.status = 'running';
    },
  });
  expect(await screen.findByText(words.ask.title)).toBeTruthy();
  expect(screen.getByText('With a CRF')).toBeTruthy();
  await click(button);
  await waitFor(() => expect(screen.queryByText(words.ask.title)).toBeNull());
  expect(world.queue.entries.map((entry) => entry.status)).toEqual([status, status, status]);
  expect(world.queue.asks).toBe(false);
});

test('an empty queue says what it is for while something trains', async () => {
  const { world } = await openAt('Train', { tick: 1000 });
  await choose(strings.train.model, 'starter');
  await click(strings.train.start);
  screen.getAllByRole('button', { name: strings.train.new })[0]?.click();
  expect(await screen.findByText(words.empty)).toBeTruthy();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

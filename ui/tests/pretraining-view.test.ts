// Pretraining: started from a model's details, followed in the library, used for training, stopped, deleted.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure, type HeldOut, type Pretraining } from '../src/lib/client/client';
import { small } from '../src/lib/format';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.pretraining;

async function openDialog() {
  await click(words.open);
  return within(await screen.findByRole('dialog'));
}

test('a model is pretrained on files of text, and what comes of it is used for training', async () => {
  const { world } = await openAt('Models');
  const dialog = await openDialog();
  expect(dialog.getByText(words.noText)).toBeTruthy();
  expect((dialog.getByTestId('pretrain-start') as HTMLButtonElement).disabled).toBe(true);
  dialog.getByTestId('pretrain-choose').click();
  expect(await dialog.findByText('calls.txt')).toBeTruthy();
  await choose(words.name, 'support');
  await click(words.start);
  const details = within(await screen.findByTestId('pretraining'));
  expect(await details.findByText(/Step \d+ of 36/)).toBeTruthy();
  expect(details.getByText(words.documents(11_400, 600))).toBeTruthy();
  expect(details.getByText(words.before)).toBeTruthy();
  const use = await details.findByTestId('pretraining-use', {}, { timeout: 3000 });
  const done = world.pretrainings[0]?.pretraining as Pretraining;
  const after = small(done.evaluations.at(-1)?.loss as number);
  expect(details.getByText(words.came.better('4.2', after, false))).toBeTruthy();
  expect(details.getAllByRole('row')).toHaveLength(5);
  use.click();
  expect(await screen.findByDisplayValue('support')).toBeTruthy();
});

test('what came of it says what a new head has to do with it, and that it did not help', async () => {
  const { world } = await openAt('Models');
  const dialog = await openDialog();
  dialog.getByTestId('pretrain-choose').click();
  await dialog.findByText('calls.txt');
  await click(words.start);
  await screen.findByTestId('pretraining-use', {}, { timeout: 3000 });
  const report = (changed: Partial<Pretraining>) => {
    const done = world.pretrainings[0]?.pretraining as Pretraining;
    for (const listener of world.listeners.pretraining) listener({ ...done, ...changed });
  };
  const [before] = world.pretrainings[0]?.pretraining.evaluations ?? [];
  const measured = (step: number, loss: number, best: boolean) =>
    ({ ...before, step, epoch: step, loss, best }) as HeldOut;
  report({ head_steps: 300, evaluations: [measured(0, 4.2, true), measured(1, 3.9, true)] });
  expect(await screen.findByText(words.came.better('4.2', '3.9', true))).toBeTruthy();
  report({ helped: false, made: null, evaluations: [measured(0, 4.2, true), measured(1, 4.3, false)] });
  expect(await screen.findByText(words.came.none('MiniLM L6', '4.2', 1))).toBeTruthy();
});

test('it is stopped, continued, and deleted', async () => {
  const { world } = await openAt('Models', { tick: 30 });
  const dialog = await openDialog();
  dialog.getByTestId('pretrain-choose').click();
  await dialog.findByText('calls.txt');
  await click(words.leaveOut('calls.txt'));
  expect(dialog.queryByText('calls.txt')).toBeNull();
  await click(words.start);
  const details = within(await screen.findByTestId('pretraining'));
  (await details.findByTestId('pretraining-stop')).click();
  expect(await details.findByText(words.stopping)).toBeTruthy();
  expect(await details.findByText(words.status.stopped)).toBeTruthy();
  await click(words.resume);
  expect(await details.findByText(/Step/)).toBeTruthy();
  world.pretrainings.forEach((entry) => (entry.pretraining = { ...entry.pretraining, step: 35 }));
  await details.findByTestId('pretraining-use');
  await click(words.remove);
  const question = within(await screen.findByRole('dialog'));
  question.getByRole('button', { name: words.remove }).click();
  await waitFor(() => expect(screen.queryByTestId('pretraining')).toBeNull());
});

test('a refusal stays in the dialog, with what was entered', async () => {
  await openAt('Models', {
    prepare: (switches) =>
      switches.refuse(
        'pretraining.start',
        new Failure('family', 'an ELECTRA model has no words to predict', 'take another'),
      ),
  });
  const dialog = await openDialog();
  dialog.getByTestId('pretrain-choose').click();
  await dialog.findByText('emails.txt');
  await choose(words.epochs, '0');
  expect(await dialog.findByText(words.epochsRange)).toBeTruthy();
  await choose(words.epochs, '2');
  await click(words.start);
  expect((await dialog.findByRole('alert')).textContent).toContain('no words to predict');
  expect(dialog.getByText('emails.txt')).toBeTruthy();
});

test('while something trains it waits in the queue, and begins when its turn comes', async () => {
  const { world } = await openAt('Train', { tick: 5 });
  await choose(strings.train.model, 'starter');
  await choose(/^Epochs/, '3');
  await click(strings.train.start);
  await click('Models');
  const dialog = await openDialog();
  dialog.getByTestId('pretrain-choose').click();
  await dialog.findByText('calls.txt');
  expect(dialog.getByText(strings.train.enqueueAbout)).toBeTruthy();
  await choose(words.name, 'support');
  await click(strings.train.enqueue);
  expect(await screen.findByText(strings.queue.added('support'))).toBeTruthy();
  expect(world.pretrainings).toEqual([]);
  await click(strings.queue.open);
  const queue = within(await screen.findByRole('region', { name: strings.queue.title }));
  expect(queue.getByText('support')).toBeTruthy();
  expect(queue.getByText(`${strings.queue.kinds.pretraining} · MiniLM L6 · calls.txt, emails.txt`)).toBeTruthy();
  await waitFor(() => expect(world.pretrainings[0]?.pretraining.status).toBe('finished'), { timeout: 10_000 });
  expect(world.models.some((model) => model.name === 'support')).toBe(true);
});

test('an entry of the queue leads to its pretraining', async () => {
  const { world } = await openAt('Models', { tick: 30 });
  const dialog = await openDialog();
  dialog.getByTestId('pretrain-choose').click();
  await dialog.findByText('calls.txt');
  await choose(words.name, 'support');
  await click(words.start);
  await screen.findByTestId('pretraining');
  const { queue } = world;
  const request = { model: 'starter', text: ['calls.txt'], name: 'support', epochs: null, device: 'auto' };
  const entry = world.queueEntry('pretrain-1', 'pretraining', request);
  queue.entries = [{ ...entry, target: 'support', status: 'running' }];
  for (const listener of world.listeners.queue) listener(structuredClone(queue));
  await click('Train');
  screen.getAllByRole('button', { name: strings.train.new })[0]?.click();
  const panel = within(await screen.findByRole('region', { name: strings.queue.title }));
  (await panel.findByRole('button', { name: 'support' })).click();
  const details = within(await screen.findByTestId('pretraining'));
  expect(details.getByRole('heading', { name: 'support' })).toBeTruthy();
});

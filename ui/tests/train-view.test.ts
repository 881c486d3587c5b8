// Train: without runs, while they load, failed, and from the start of a run to its end.
//
// One file, as all of it is one screen over the same few runs.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { strings } from '../src/lib/strings';
import { choose, click, openAt, plain } from './mount';
import { defaultSettings, settingOf, type SettingName, titleOf } from '../src/lib/state/settings';
import { openFindings } from '../src/lib/state/findings';
import { settingRows } from '../src/lib/views/train/rows';

const label = (name: SettingName) => titleOf(settingOf(name));

const words = strings.train;

test('without model and data it says what is needed', async () => {
  await openAt('Train', { scenario: 'empty' });
  expect(await screen.findByText(words.none)).toBeTruthy();
  expect(screen.getByText(words.notReady)).toBeTruthy();
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(true);
});

test('a new run takes the data set that Data shows, unless another was chosen for it', async () => {
  await openAt('Data');
  const shown = () => (screen.getByLabelText(words.data) as HTMLSelectElement).value;
  await choose(strings.data.choose, 'field-notes');
  await click('Train');
  expect(shown()).toBe('field-notes');
  await choose(words.data, 'support-tickets');
  await click('Data');
  await choose(strings.data.choose, 'support-tickets');
  await choose(strings.data.choose, 'field-notes');
  await click('Train');
  expect(shown()).toBe('support-tickets');
});

test('a run is renamed by typing and Enter, and not to a name that another has', async () => {
  const { world } = await openAt('Train');
  await click(/^More epochs/);
  await click(words.rename);
  const field = within(await screen.findByRole('dialog')).getByLabelText(words.name) as HTMLInputElement;
  await waitFor(() => expect(document.activeElement).toBe(field));
  await choose(words.name, 'first TRY');
  expect(await screen.findByText(strings.common.nameTaken)).toBeTruthy();
  await choose(words.name, ' ');
  expect(await screen.findByText(strings.common.needName)).toBeTruthy();
  await choose(words.name, 'Twenty epochs');
  await fireEvent.submit(field.form as HTMLFormElement);
  await waitFor(() => expect(world.runs.some(({ run }) => run.name === 'Twenty epochs')).toBe(true));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('without a train part it says so, and does not start', async () => {
  await openAt('Train', {
    prepare: (_, world) => {
      const entry = world.data.at(-1)!;
      // The recorded one is shared by all tests.
      entry.set = structuredClone(entry.set);
      entry.set.check.files = entry.set.check.files.filter((file) => file.split !== 'train');
    },
  });
  // It begins with one that can be learned from.
  expect((screen.getByLabelText(words.data) as HTMLSelectElement).value).toBe('field-notes');
  await choose(words.data, 'support-tickets');
  await choose(words.model, 'starter');
  expect(await screen.findByText(words.noTrain('Support tickets'))).toBeTruthy();
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(true);
});

test('of what was left to the engine, a finished run shows the values', () => {
  const decision = { setting: 'learning_rate', value: '0.0003', why: 'a small model' };
  const [row] = settingRows({ ...defaultSettings, learning_rate: null }, [decision]).filter(
    ({ key }) => key === 'learning_rate',
  );
  expect(row?.value).toBe(words.chosen('3e-4'));
  const epochs = settingRows({ ...defaultSettings }, [{ setting: 'epochs', value: 'at most 30', why: 'small' }]);
  expect(epochs.find(({ key }) => key === 'epochs')?.value).toBe(words.chosen(words.atMost(30)));
});

test('it waits for the runs', async () => {
  await openAt('Train', { prepare: (switches) => switches.hang('runs.list') });
  expect(await screen.findByText(words.loading)).toBeTruthy();
});

test('runs that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Train', { prepare: (all) => all.refuse('runs.list') });
  expect(await screen.findByText(words.failed)).toBeTruthy();
  switches.allow('runs.list');
  await click(strings.common.retry);
  expect(await screen.findByRole('button', { name: /^More epochs/ })).toBeTruthy();
});

test('a run goes from one button to its end, and its model can be used', async () => {
  const { world } = await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('epochs'), '4');
  expect(
    await screen.findByText(
      words.plan(
        {
          epochs: 4,
          most_epochs: 4,
          is_refitted: false,
          windows: 320,
          is_counted: true,
          steps: 160,
          runs: 1,
          seconds: null,
          decisions: [],
          space: [],
        },
        320,
        'once',
      ),
    ),
  ).toBeTruthy();
  await click(words.start);
  expect(await screen.findByText(words.stop)).toBeTruthy();
  expect(await screen.findByText(words.ended.finished('Support tickets'), {}, { timeout: 15000 })).toBeTruthy();
  expect(await screen.findByText(/^Finished. Best dev F1/)).toBeTruthy();
  expect(world.models.at(-1)?.summary.labels).toContain('PERSON');
  expect(screen.getByRole('img', { name: /^Loss\. Fell from/ })).toBeTruthy();
});

test('a run is stopped and kept, and resumed', async () => {
  const { world } = await openAt('Train');
  await choose(words.model, 'starter');
  await click(words.start);
  await click(words.stop);
  expect(await screen.findByText(words.ended.stopped('Support tickets'))).toBeTruthy();
  await click(words.resume);
  expect(await screen.findByText(words.stop)).toBeTruthy();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('the log shows what the run does in another colour than what it warns of', async () => {
  const { world } = await openAt('Train', {
    prepare: (_, { runs }) => {
      const entry = runs[1]!;
      const { time } = entry.events[0]!;
      const said = ['augmented', 'overlap'].map((code) => ({ event: 'warning' as const, code, message: code, time }));
      entry.events = [...entry.events, ...said];
    },
  });
  await click(new RegExp(`^${world.runs[1]!.run.name}`));
  const line = async (message: string) => (await screen.findByText(message)).closest('p');
  expect((await line('augmented'))?.className).not.toContain('warning');
  expect((await line('overlap'))?.className).toContain('warning');
});

test('the plan and the log say apart which windows they count', () => {
  const plan = { epochs: 15, most_epochs: 30, is_refitted: false, is_counted: true, steps: 1935, runs: 1 };
  const said = words.plan({ ...plan, windows: 1026, seconds: 360, decisions: [], space: [] }, 384, 'once');
  expect(said).toContain('1,026 windows from 384 documents, added and repeated ones included');
  // As many epochs as are expected, or as there may be.
  expect(plain(said)).toMatch(/^About 6–12 min, judging by/);
  expect(words.logLine.started('cpu', 'Train 768, Dev 48', 768, true)).toBe(
    'Started on cpu. Documents: Train 768, Dev 48. Train has 768 windows; those with rare labels are repeated in each epoch.',
  );
});

test('the open findings of the chosen data are named, and lead to Data', async () => {
  const { world } = await openAt('Train');
  await choose(words.data, 'support-tickets');
  const open = (id: string) => openFindings(world.data.find(({ set }) => set.id === id)!.set).length;
  const line = () => screen.queryByTestId('run-findings');
  expect(line() === null).toBe(open('support-tickets') === 0);
  await choose(words.data, 'field-notes');
  expect(open('field-notes')).toBeGreaterThan(0);
  expect(line()?.textContent).toContain(words.openFindings(open('field-notes')));
  await click(strings.data.findings.lookAt);
  expect(await screen.findByRole('tab', { name: /^Findings/, selected: true })).toBeTruthy();
});

test('findings that are all ignored are not named', async () => {
  await openAt('Train', {
    prepare: (_, world) => {
      world.data = world.data.map((entry) => ({
        ...entry,
        set: {
          ...entry.set,
          ignored: Object.fromEntries(entry.set.check.groups.map(({ code, count }) => [code, count])),
        },
      }));
    },
  });
  await choose(words.data, 'field-notes');
  expect(screen.queryByTestId('run-findings')).toBeNull();
});

test('a paused run is continued on its own page as in the queue', async () => {
  const { world } = await openAt('Train', {
    prepare: (_, { runs, queue }) => {
      const entry = runs[1]!;
      entry.run = { ...entry.run, status: 'stopped' };
      const { id: target, name, model, data_name } = entry.run;
      queue.entries = [
        {
          id: 'task',
          kind: 'run',
          target,
          name,
          model,
          data_name,
          settings: null,
          status: 'paused',
          begun: true,
          failure: null,
        },
      ];
      // Another one trains.
      runs[0]!.run = { ...runs[0]!.run, status: 'running' };
    },
  });
  (await screen.findByTestId(`run-${world.runs[1]!.run.id}`)).click();
  const resume = (await screen.findByTestId('run-resume')) as HTMLButtonElement;
  expect(resume.disabled).toBe(false);
  resume.click();
  expect(await screen.findByText(strings.queue.inQueue)).toBeTruthy();
  expect(world.queue.entries[0]?.status).toBe('waiting');
});

test('a stopped run that cannot be continued now says why beside the button', async () => {
  const { world } = await openAt('Train', {
    prepare: (_, { runs }) => {
      runs[1]!.run = { ...runs[1]!.run, status: 'stopped' };
      runs[0]!.run = { ...runs[0]!.run, status: 'running' };
    },
  });
  await click(new RegExp(`^${world.runs[1]!.run.name}`));
  const resume = (await screen.findByTestId('run-resume')) as HTMLButtonElement;
  expect(resume.disabled).toBe(true);
  expect(document.getElementById(resume.getAttribute('aria-describedby') ?? '')?.textContent).toBe(words.busy);
});

test('a card that was never tested is prepared first, with visible progress', async () => {
  const { world } = await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('device'), 'vulkan:0');
  await click(words.start);
  expect(await screen.findByText(/^Preparing the GPU: kernel \d+ of 48.* \(once for this card\)$/)).toBeTruthy();
  expect(screen.getByRole('progressbar', { name: strings.devices.preparingLabel })).toBeTruthy();
  expect(screen.getByText(words.logLine.testing('vulkan:0'))).toBeTruthy();
  expect(
    await screen.findByText(
      /^Started on vulkan:0\. Documents: Train 320, Dev \d+, Test \d+\. Train has 320 windows\.$/,
      {},
      { timeout: 5000 },
    ),
  ).toBeTruthy();
  expect(screen.queryByText(/^Preparing the GPU: kernel/)).toBeNull();
  expect(screen.getByText(words.stop)).toBeTruthy();
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('a run is stopped at once while its card is tested', async () => {
  const { world } = await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('device'), 'vulkan:0');
  await click(words.start);
  await screen.findByText(/^Preparing the GPU: kernel/);
  await click(strings.common.stop);
  expect(await screen.findByText(words.ended.stoppedBefore('Support tickets'))).toBeTruthy();
  expect(world.runs.at(-1)?.run).toMatchObject({ status: 'stopped', step: 0, has_report: false });
});

test('a second run at the same time is refused with a reason', async () => {
  await openAt('Train', {
    prepare: (switches) =>
      switches.refuse('runs.start', new Failure('busy', 'another run is still going', 'stop it first')),
  });
  await choose(words.model, 'starter');
  await click(words.start);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText('Stop it first')).toBeTruthy();
});

test('invalid settings are shown and block the start', async () => {
  await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('batch_size'), '0');
  expect(screen.getByText(words.expected('a whole number, 1 or more', true))).toBeTruthy();
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(true);
  await choose(label('batch_size'), '8');
  await choose(label('learning_rate'), '3e-5');
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(false);
});

test('a failed run says what happened and what helps, and can be resumed', async () => {
  const { world } = await openAt('Train');
  await click(/^Large batch/);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText(words.broke.title(12, 50))).toBeTruthy();
  expect(within(alert).getByText('The computer does not have enough memory for this run')).toBeTruthy();
  expect(within(alert).getByText('Choose a smaller batch size or a shorter window')).toBeTruthy();
  await click(words.broke.again);
  expect(await screen.findByText(words.stop)).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  const again = world.runs.find((entry) => entry.run.id === 'tickets-large');
  expect(again?.run.failure).toBeNull();
  clearInterval(again?.timer ?? undefined);
});

test('a failed run is duplicated with its settings', async () => {
  await openAt('Train');
  await click(/^Large batch/);
  await click(words.broke.duplicate);
  expect(((await screen.findByLabelText(label('batch_size'))) as HTMLInputElement).value).toBe('64');
});

test('an engine that died without a message is shown, too', async () => {
  const { world } = await openAt('Train');
  const entry = world.runs[0];
  if (entry)
    for (const listener of world.listeners.change) listener({ ...entry.run, status: 'failed', step: 0, failure: null });
  await click(/^First try/);
  expect(await screen.findByText(words.broke.title(0, 160))).toBeTruthy();
  expect(screen.getByText(words.broke.unknown)).toBeTruthy();
});

test('events that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Train', { prepare: (all) => all.refuse('runs.events') });
  await click(/^More epochs/);
  expect(await screen.findByText(words.eventsFailed)).toBeTruthy();
  switches.allow('runs.events');
  await click(strings.common.retry);
  expect(await screen.findByText(/^Finished. Best dev F1/)).toBeTruthy();
});

test('a run is duplicated with its settings', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  await click(words.duplicate);
  expect(((await screen.findByLabelText(label('epochs'))) as HTMLInputElement).value).toBe('20');
  expect((screen.getByLabelText(words.name) as HTMLInputElement).value).toBe('More epochs (copy)');
});

test('two runs are compared by what differs', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  await choose(words.compareWith, 'tickets-first');
  const region = await screen.findByRole('region', { name: words.compare.title });
  expect(within(region).getByText(label('seed'))).toBeTruthy();
  expect(within(region).queryByText(label('batch_size'))).toBeNull();
  expect(await within(region).findByText(words.compare.sameData)).toBeTruthy();
  // Scores on the same documents: each label, and their differences.
  expect((await within(region).findAllByText(words.compare.difference)).length).toBe(2);
  expect(within(region).getAllByText('PRODUCT').length).toBe(2);
});

test('scores on other data are not called better, and what differs is shown', async () => {
  await openAt('Train', {
    prepare: (_, world) => {
      const entry = world.runs[0]!;
      entry.run = { ...entry.run, data: 'field-notes', data_name: 'Field notes' };
    },
  });
  await click(/^More epochs/);
  await choose(words.compareWith, 'tickets-first');
  const region = await screen.findByRole('region', { name: words.compare.title });
  expect(await within(region).findByText(words.compare.differentData('Test'))).toBeTruthy();
  expect(within(region).queryByText(words.compare.difference)).toBeNull();
  expect(within(region).queryByText(/is better/)).toBeNull();
  expect(within(region).getByText(words.compare.version('Field notes', 0))).toBeTruthy();
  expect(within(region).getAllByText(/only in “More epochs”/).length).toBeGreaterThan(0);
});

test('the run to compare with stays chosen, and has scores', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  const choice = (await screen.findByLabelText(words.compareWith)) as HTMLSelectElement;
  expect([...choice.options].map(({ value }) => value)).toEqual(['', 'tickets-first']);
  await choose(words.compareWith, 'tickets-first');
  screen.getByTestId('screen-results').click();
  await screen.findByText(/Scored as conlleval/);
  await click('Train');
  expect(((await screen.findByLabelText(words.compareWith)) as HTMLSelectElement).value).toBe('tickets-first');
  // A run that failed has nothing to compare.
  await click(/^Large batch/);
  expect(await screen.findByText(words.broke.about)).toBeTruthy();
  expect(screen.queryByLabelText(words.compareWith)).toBeNull();
});

test('a new run begins with the defaults, not with what was copied or started before', async () => {
  const { world } = await openAt('Train');
  await click(/^More epochs/);
  await click(words.duplicate);
  expect(await screen.findByText(words.copiedFrom('More epochs'))).toBeTruthy();
  const epochs = async () => ((await screen.findByLabelText(label('epochs'))) as HTMLInputElement).value;
  expect(await epochs()).toBe('20');
  await click(/^First try/);
  (await screen.findAllByRole('button', { name: words.new }))[0]!.click();
  expect(await epochs()).toBe('');
  expect(screen.queryByText(/^With the settings of/)).toBeNull();
  // What was typed stays while something else is looked at, and ends with the start.
  await choose(label('epochs'), '4');
  await click(/^First try/);
  (await screen.findAllByRole('button', { name: words.new }))[0]!.click();
  expect(await epochs()).toBe('4');
  await choose(words.model, 'starter');
  await click(words.start);
  await screen.findByText(words.stop);
  (await screen.findAllByRole('button', { name: words.new }))[0]!.click();
  expect(await epochs()).toBe('');
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('beside a grey button stands why', async () => {
  await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('overlap'), '200');
  const start = screen.getByRole('button', { name: words.start }) as HTMLButtonElement;
  expect(start.disabled).toBe(true);
  const { title } = settingOf('overlap');
  expect(screen.getByText(words.obstacle(title, words.expected(words.halfAtMost(128), true)))).toBeTruthy();
});

test('changes are counted where they are: those of the basic fields are in sight', async () => {
  await openAt('Train');
  await choose(label('epochs'), '4');
  expect(screen.queryByText(words.changed(1))).toBeNull();
  await choose(label('dropout'), '0.2');
  expect(screen.getAllByText(words.changed(1)).length).toBeGreaterThan(0);
});

test('a learning rate that is far too high is allowed, with a warning', async () => {
  await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('learning_rate'), '0.5');
  expect(screen.getByText(words.highRate)).toBeTruthy();
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(false);
  await choose(label('learning_rate'), '1e-3');
  expect(screen.queryByText(words.highRate)).toBeNull();
});

test('the question whether to stop at once goes when the run has stopped by itself', async () => {
  const { world } = await openAt('Train', { tick: 150 });
  await choose(words.model, 'starter');
  await click(words.start);
  await click(words.stop);
  await click(words.endNow);
  expect(await screen.findByText(words.endTitle('Support tickets'))).toBeTruthy();
  expect(await screen.findByText(words.ended.stopped('Support tickets'), {}, { timeout: 5000 })).toBeTruthy();
  await waitFor(() => expect(screen.queryByText(words.endTitle('Support tickets'))).toBeNull());
  expect(world.runs.at(-1)?.run.status).toBe('stopped');
});

test('one line of the log is the best so far', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  await screen.findByText(/^Finished. Best dev F1/);
  expect(screen.getAllByText(/best so far/).length).toBe(1);
});

test('dev F1 is drawn over whole epochs, on a scale up to 100', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  expect(await screen.findByRole('img', { name: /^Dev scores\. 20 epochs, best F1/ })).toBeTruthy();
  expect(screen.getByText(words.charts.more).closest('details')?.open).toBe(false);
});

test('a finished run says what its scores mean', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  const panel = await screen.findByRole('region', { name: strings.results.judgement.title });
  expect(within(panel).getByText(/^F1 \d/)).toBeTruthy();
});

test('a run is renamed and deleted', async () => {
  const { world } = await openAt('Train');
  await click(/^First try/);
  await click(words.rename);
  await choose(words.name, 'Baseline');
  await click(words.save);
  expect(await screen.findByText('Baseline', { selector: 'h2' })).toBeTruthy();
  await click(words.remove);
  await click(strings.common.remove);
  expect(await screen.findByText(/are free again/)).toBeTruthy();
  expect(world.runs.map((entry) => entry.run.name)).not.toContain('Baseline');
});

test('numbers can be typed key by key, and emptied first', async () => {
  await openAt('Train');
  const type = async (label: string, keys: string) => {
    const field = screen.getByLabelText(label) as HTMLInputElement;
    await fireEvent.input(field, { target: { value: '' } });
    expect(field.value).toBe('');
    for (const key of keys) await fireEvent.input(field, { target: { value: field.value + key } });
    expect(field.value).toBe(keys);
  };
  await type(label('learning_rate'), '5e-5');
  await type(label('batch_size'), '8');
  await type(label('dropout'), '0,1');
  expect(screen.queryByText(/^Enter /)).toBeNull();
});

test('a run that stops says so, and can be ended at once', async () => {
  const { world } = await openAt('Train', { tick: 150 });
  await click(strings.train.start);
  await click(strings.train.stop);
  expect(await screen.findByText(strings.train.stopping)).toBeTruthy();
  await click(strings.train.endNow);
  const [, confirm] = await screen.findAllByRole('button', { name: strings.train.endNow });
  confirm?.click();
  expect(await screen.findByText(strings.train.resume)).toBeTruthy();
  expect(world.runs.at(-1)?.run).toMatchObject({ status: 'stopped', stopping: false, has_report: false });
});

test('precision, frozen layers and gradient checkpointing reach the run, and are shown with it', async () => {
  const { world } = await openAt('Train');
  await choose(words.model, 'starter');
  await choose(label('precision'), 'bf16');
  await choose(label('gradient_checkpointing'), 'true');
  await choose(label('frozen_layers'), '2');
  expect(screen.getByText(words.changed(3))).toBeTruthy();
  await click(words.start);
  expect(await screen.findByText(words.stop)).toBeTruthy();
  const { run, timer } = world.runs.at(-1)!;
  clearInterval(timer ?? undefined);
  expect(run.settings).toMatchObject({ precision: 'bf16', gradient_checkpointing: true, frozen_layers: 2 });
  const table = await screen.findByRole('region', { name: words.settings });
  expect(within(table).getByText(label('gradient_checkpointing')).nextElementSibling?.textContent).toBe(words.yes);
  expect(within(table).getByText(label('precision')).nextElementSibling?.textContent).toBe('16 bits (bf16)');
});

test('the frozen layers are limited to those of the chosen model', async () => {
  await openAt('Train');
  const expected = (layers: number) => words.expected(words.layersAtMost(layers));
  await choose(words.model, 'starter');
  await choose(label('frozen_layers'), '7');
  expect(screen.getByText(expected(6))).toBeTruthy();
  await choose(words.model, 'google-bert/bert-base-cased');
  expect(screen.queryByText(/^Enter /)).toBeNull();
  await choose(label('frozen_layers'), '1.5');
  expect(screen.getByText(expected(12))).toBeTruthy();
  expect((screen.getByRole('button', { name: words.start }) as HTMLButtonElement).disabled).toBe(true);
});

test('a run of an earlier version is duplicated with defaults for newer settings', async () => {
  const { world } = await openAt('Train');
  const entry = world.runs[1]!;
  const { precision: _, gradient_checkpointing: __, frozen_layers: ___, ...settings } = entry.run.settings;
  for (const listener of world.listeners.change) listener({ ...entry.run, settings });
  await click(/^More epochs/);
  await click(words.duplicate);
  expect(((await screen.findByLabelText(label('precision'))) as HTMLSelectElement).value).toBe('auto');
  expect(screen.queryByText(/^Enter /)).toBeNull();
});

test('a run shows the memory forecast, and why its micro-batches are smaller', async () => {
  await openAt('Train');
  await click(/^More epochs/);
  expect(await screen.findByText(words.forecast('760 MB'))).toBeTruthy();
  expect(screen.getByText(/8 go through at once, and steps stay as large/)).toBeTruthy();
});

test('a device that computes wrongly cannot be chosen, and if it was, the reason is shown', async () => {
  await openAt('Train', { prepare: (_, world) => (world.preferences = { ...world.preferences, device: 'vulkan:1' }) });
  const choice = (await screen.findByRole('option', { name: /^GeForce GT 1030/ })) as HTMLOptionElement;
  expect(choice.disabled).toBe(true);
  expect(screen.getByText(/^Not used: it computes wrong numbers/)).toBeTruthy();
  await choose(words.model, 'starter');
  const start = screen.getByRole('button', { name: words.start }) as HTMLButtonElement;
  expect(start.disabled).toBe(true);
  await choose(label('device'), 'vulkan:0');
  expect(start.disabled).toBe(false);
  expect(
    (screen.getByRole('option', { name: 'Radeon 780M (vulkan:0, 8.00\u00a0GB)' }) as HTMLOptionElement).disabled,
  ).toBe(false);
});

test('a shorter window causes no error for the overlap, which was never changed', async () => {
  await openAt('Train');
  await choose(label('max_length'), '64');
  expect(screen.queryByText(/^Enter /)).toBeNull();
});

test('the overlap is at most half of the window', async () => {
  await openAt('Train');
  await choose(label('max_length'), '128');
  expect(screen.queryByText(/^Enter /)).toBeNull();
  await choose(label('overlap'), '65');
  expect(screen.getByText(words.expected(words.halfAtMost(64), true))).toBeTruthy();
});

test('examples of added documents are shown before and after, or why there are none', async () => {
  const { switches } = await openAt('Train', { prepare: (all) => all.refuse('data.previewAugmentation') });
  const { augmentation } = words;
  await click(augmentation.show);
  expect(await screen.findByText(augmentation.failed)).toBeTruthy();
  switches.allow('data.previewAugmentation');
  await click(strings.common.retry);
  const list = await screen.findByRole('list', { name: augmentation.list });
  expect(within(list).getAllByRole('listitem').length).toBe(10);
  expect(within(list).getAllByText('case noise').length).toBe(10);
  await fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
  await choose(label('case_noise'), '0');
  await click(augmentation.show);
  expect(await screen.findByText(augmentation.none)).toBeTruthy();
});

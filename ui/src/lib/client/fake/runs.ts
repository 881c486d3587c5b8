// The run commands of the in-memory shell: each run advances a few steps with every tick of the clock.

import { Failure, type Run, type RunRequest, type RunsClient } from '../client';
import type { RunEvent, TimestampedEvent } from '../contracts';
import { compared } from './compare';
import { libraryModel } from './models';
import { preparedAfter } from './settings';
import type { FakeQueue } from './queue';
import type { FakeStudies } from './studies';
import { planStudy, spaceOf } from './study';
import type { FakeRun, World } from './world';

const STEPS_PER_TICK = 4;
/** Ticks that the test of a new device takes before its run. */
const TEST_TICKS = 30;

export interface FakeRuns {
  commands: RunsClient;
  begin(request: RunRequest): Run;
}

export function runCommands(world: World, studies: FakeStudies, queue: FakeQueue): FakeRuns {
  const of = (id: string): FakeRun => {
    const found = world.runs.find((entry) => entry.run.id === id);
    if (!found) throw new Failure('unknown-run', `there is no run \`${id}\` in the library`);
    return found;
  };
  const change = (entry: FakeRun, changed: Partial<Run>) => {
    entry.run = { ...entry.run, ...changed };
    for (const listener of world.listeners.change) listener(entry.run);
  };
  const emit = (entry: FakeRun, event: RunEvent) => {
    const stamped = { ...event, time: new Date().toISOString() } as TimestampedEvent;
    entry.events = [...entry.events, stamped];
    for (const listener of world.listeners.event) listener(entry.run.id, stamped);
    if (event.event === 'evaluated' && event.best) change(entry, { best_f1: event.metrics.overall.f1 });
  };
  const end = (entry: FakeRun, event: RunEvent, status: Run['status']) => {
    if (entry.timer) clearInterval(entry.timer);
    entry.timer = null;
    entry.report = entry.simulation.report;
    const { id } = entry.run;
    const labels = Object.keys(entry.report.splits['dev']?.metrics.labels ?? {});
    world.models = [...world.models.filter((model) => model.run !== id), libraryModel(id, 'run', labels, id)];
    emit(entry, event);
    change(entry, {
      status,
      stopping: false,
      has_report: true,
      has_model: true,
      test_f1: entry.report.splits['test']?.metrics.overall.f1 ?? null,
    });
    world.next();
  };
  const go = (entry: FakeRun) => {
    entry.timer = setInterval(() => {
      const { simulation } = entry;
      for (let i = 0; i < STEPS_PER_TICK && entry.run.step < simulation.steps; i += 1) {
        const step = entry.run.step + 1;
        entry.run = { ...entry.run, step, seconds: step * 0.52 };
        for (const event of simulation.step(step)) emit(entry, event);
      }
      if (entry.run.step >= simulation.steps) end(entry, simulation.finished(entry.run.id), 'finished');
      else change(entry, {});
    }, world.tick);
  };
  const kill = (entry: FakeRun) => {
    if (entry.timer) clearInterval(entry.timer);
    entry.timer = null;
    change(entry, { status: 'stopped', stopping: false });
    world.next();
  };
  const test = (entry: FakeRun, device: string, begin: () => void) => {
    let tick = 0;
    const report = () =>
      emit(entry, { event: 'preparing', device, stage: 'test', ...preparedAfter(tick / TEST_TICKS) });
    report();
    entry.timer = setInterval(() => {
      tick += 1;
      report();
      if (tick < TEST_TICKS) return;
      if (entry.timer) clearInterval(entry.timer);
      begin();
    }, world.tick);
  };
  const begin = (request: RunRequest): Run => {
    const data = world.data.find((entry) => entry.set.id === request.data);
    if (!data) throw new Failure('unknown-data', `there is no data set \`${request.data}\` in the library`);
    const simulation = world.simulation(request);
    const id = `run-${world.runs.length + 1}`;
    const entry: FakeRun = {
      run: {
        id,
        name: request.name,
        created: new Date().toISOString(),
        status: 'running',
        stopping: false,
        starred: false,
        note: '',
        has_report: false,
        has_model: false,
        model: request.model,
        data: request.data,
        data_name: data.set.name,
        settings: request.settings,
        best_f1: null,
        test_f1: null,
        seconds: 0,
        step: 0,
        steps: simulation.steps,
        failure: null,
      },
      events: [],
      simulation,
      report: null,
      timer: null,
    };
    world.runs = [...world.runs, entry];
    const begin = () => {
      emit(entry, simulation.started(id));
      go(entry);
    };
    const device = world.devices.find((other) => other.id === request.settings.device);
    if (device && device.kind !== 'cpu' && !device.check) test(entry, device.id, begin);
    else begin();
    return entry.run;
  };
  const commands: RunsClient = {
    list: async () => world.runs.map((entry) => entry.run),
    plan: async (request) => {
      const { settings, documents, often } = request;
      const [batch, epochs] = [settings.batch_size ?? 8, settings.epochs ?? 15];
      const open = [
        [
          'learning_rate',
          '3e-4',
          'small models learn little from a few hundred examples at the low rates of large ones',
          'small-model',
        ],
        ['batch_size', String(batch), 'a small set gives more steps that way', 'small-batches'],
        ['epochs', 'at most 30', 'a small set is read often, as long as dev F1 rises', 'read-often'],
        [
          'augment',
          '1',
          'a few hundred examples teach more with variants of them: other entities, other words',
          'varied-examples',
        ],
        [
          'resampling',
          'repeat-factor',
          'labels of which a small set has few examples are learned when they are read more often',
          'rare-labels',
        ],
      ] as const;
      return {
        decisions: open
          .filter(([setting]) => settings[setting] === null)
          .map(([setting, value, why, reason]) => ({ setting, value, why, reason })),
        epochs,
        most_epochs: settings.epochs ?? 30,
        is_refitted: false,
        windows: documents,
        is_counted: true,
        steps: epochs * Math.ceil(documents / batch),
        seconds: null,
        space: often?.kind === 'search' ? spaceOf(request) : [],
        runs:
          often && often.kind !== 'once' && Number.isFinite(often.kind === 'seeds' ? often.seeds : often.trials)
            ? planStudy({ ...request, name: '', often }).tasks.length
            : 1,
      };
    },
    start: async (request) => {
      if (world.isBusy) return queue.add(request);
      if ((request.often?.kind ?? 'once') === 'once') return { as: 'run', run: begin(request) };
      return { as: 'study', study: studies.start(request) };
    },
    stop: async (id) => {
      const entry = of(id);
      if (!entry.events.some((event) => event.event === 'started')) return kill(entry);
      // The current step, the checkpoint and the scoring take some time.
      change(entry, { stopping: true });
      setTimeout(() => {
        if (entry.run.stopping) end(entry, entry.simulation.stopped(id, entry.run.step), 'stopped');
      }, 3 * world.tick);
    },
    kill: async (id) => kill(of(id)),
    resume: async (id) => {
      const entry = of(id);
      change(entry, { status: 'running', failure: null });
      go(entry);
      return entry.run;
    },
    rename: async (id, name) => change(of(id), { name }),
    star: async (id, starred) => change(of(id), { starred }),
    note: async (id, note) => change(of(id), { note: note.trim() }),
    openFolder: async (id) => {
      world.openedFolder = `/home/sam/.local/share/tagsmith/runs/${of(id).run.id}`;
    },
    remove: async (id) => {
      const entry = of(id);
      if (entry.timer) clearInterval(entry.timer);
      world.runs = world.runs.filter((other) => other !== entry);
      world.models = world.models.filter((model) => model.run !== id);
      return { freed_bytes: 228_000_000 };
    },
    events: async (id) => of(id).events,
    report: async (id) => {
      const { report } = of(id);
      if (!report)
        throw new Failure(
          'no-report',
          'this run has not been scored',
          'a report is written when a run ends or is stopped',
        );
      return report;
    },
    compare: async (first, second) => compared(world, of(first), of(second)),
    onEvent: (listener) => {
      world.listeners.event.add(listener);
      return () => world.listeners.event.delete(listener);
    },
    onChange: (listener) => {
      world.listeners.change.add(listener);
      return () => world.listeners.change.delete(listener);
    },
  };
  return { commands, begin };
}

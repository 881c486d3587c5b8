// The state of the in-memory shell: models, data sets, runs, settings, and listeners.

import type {
  Batch,
  Closing,
  Download,
  Drag,
  Evaluation,
  HubState,
  LibraryModel,
  Preferences,
  Preparing,
  Pretraining,
  Progress,
  QueueEntry,
  QueueState,
  Run,
  RunRequest,
  StorageItem,
  StorageKind,
  StoragePart,
  StorageState,
  Study,
  TrainSettings,
  Trial,
} from '../client';
import { type ComputeDevice, DEFAULT_SETTINGS, type Report, type TimestampedEvent } from '../contracts';
import { fileName } from '../../format';
import type { FakeBatch } from './batches';
import { dataSet, FIELD_NOTES, sample, SUPPORT_TICKETS, type FakeData } from './corpus';
import { pastEvaluations } from './evaluations';
import { largeData, longText } from './large';
import { addMany } from './many';
import { libraryModel } from './models';
import type { Waiting } from './queue';
import { simulate, type Simulation } from './simulation';
import { planStudy, SPACE, studyAfter, type StudyPlan, ticksOf } from './study';
import { tagger } from './tagging';

export interface FakeRun {
  run: Run;
  events: TimestampedEvent[];
  simulation: Simulation;
  report: Report | null;
  timer: ReturnType<typeof setInterval> | null;
}

export interface FakeStudy {
  study: Study;
  plan: StudyPlan;
  /** How far it is. */
  ticks: number;
  timer: ReturnType<typeof setInterval> | null;
}

export interface FakePretraining {
  pretraining: Pretraining;
  timer: ReturnType<typeof setInterval> | null;
}

export interface FakeEvaluation {
  evaluation: Evaluation;
  report: Report | null;
  timer: ReturnType<typeof setInterval> | null;
}

const OUT_OF_MEMORY = {
  code: 'memory',
  message: 'the computer does not have enough memory for this run',
  hint: 'choose a smaller batch size or a shorter window',
};

const HALVED =
  '16 windows at once would take 610 MiB more, and 540 MiB are free: 8 go through at once, and steps stay as large as asked for';

/**
 * `empty`: a first start; `full`: a library in use; `large`: also 200,000 documents and a text of 200 pages;
 * `studies`: also studies and a queue; `asking`: and that was closed with its window; `many`: also hundreds of runs.
 */
export const SCENARIOS = ['empty', 'full', 'large', 'studies', 'asking', 'many'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export class World {
  models: LibraryModel[] = [];
  downloads = new Map<string, Download>();
  data: FakeData[] = [];
  runs: FakeRun[] = [];
  studies: FakeStudy[] = [];
  pretrainings: FakePretraining[] = [];
  /** The text that the next dialog answers with. */
  nextTexts: string[] = ['/home/sam/Documents/calls.txt', '/home/sam/Documents/emails.txt'];
  queue: QueueState = { entries: [], asks: false, failure: null };
  /** What waits in the queue, by the ids of its entries. */
  waiting = new Map<string, Waiting>();
  /** Begins what is first in the queue, if nothing trains. */
  next: () => void = () => {};
  /** The list of mentions that the next dialog answers with. */
  nextMentions: string | null = '/home/sam/Documents/products.tsv';
  evaluations: FakeEvaluation[] = [];
  batches: FakeBatch[] = [];
  /** The failure that interrupts the next download halfway. */
  nextFault: Download['failure'] = null;
  /** The user's choice when the window was closed. */
  closed: 'keep' | 'stop' | null = null;
  /** The result of the next file dialog; empty if the user cancels. */
  nextFiles: string[] = ['/home/sam/Documents/notes.jsonl', '/home/sam/Documents/old-notes.conll'];
  nextFolder: string | null = '/home/sam/Documents/notes';
  /** Files of that folder that cannot be read. */
  unreadable: string[] = [];
  nextText: { name: string; text: string } | null = {
    name: 'ticket.txt',
    text:
      sample['test']
        ?.slice(0, 12)
        .map((document) => document.text)
        .join('\n\n') ?? '',
  };
  /** The model whose page was opened last. */
  opened: string | null = null;
  clipboard: { text: string; html: string | null } | null = null;
  preferences: Preferences = {
    theme: 'system',
    language: 'system',
    text_scale: 1,
    label_hues: {},
    guide: 'open',
    device: 'auto',
    keep_checkpoints: false,
    screen: '',
    run_order: 'newest',
  };
  /** Runs that have kept their checkpoints, with their bytes. */
  checkpoints = new Map<string, number>();
  kernelBytes = 0;
  /** What was opened in the file manager last. */
  openedFolder: string | null = null;
  devices: ComputeDevice[] = [
    {
      id: 'cpu',
      name: 'AMD Ryzen 7 7840U',
      threads: 16,
      memory_bytes: 32_000_000_000,
      kind: 'cpu',
      driver: null,
      instructions: ['AVX-512', 'AVX512-BF16', 'AVX-512 VNNI'],
      check: null,
    },
    {
      id: 'vulkan:0',
      name: 'Radeon 780M',
      threads: null,
      memory_bytes: 8_000_000_000,
      kind: 'integrated',
      driver: 'radv 25.2.1',
      instructions: [],
      check: null,
    },
    {
      id: 'vulkan:1',
      name: 'GeForce GT 1030',
      threads: null,
      memory_bytes: null,
      kind: 'discrete',
      driver: 'NVK 25.2.1',
      instructions: [],
      check: {
        passed: false,
        detail: 'it computes wrong numbers: a gradient is off by 1.0 %',
        reason: 'wrong-numbers',
        speed: null,
      },
    },
  ];
  hub: HubState = { endpoint: '', proxy: '', offline: false, token: 'none' };
  readonly listeners = {
    download: new Set<(download: Download) => void>(),
    event: new Set<(run: string, event: TimestampedEvent) => void>(),
    change: new Set<(run: Run) => void>(),
    study: new Set<(study: Study) => void>(),
    pretraining: new Set<(pretraining: Pretraining) => void>(),
    queue: new Set<(queue: QueueState) => void>(),
    drag: new Set<(drag: Drag) => void>(),
    progress: new Set<(progress: Progress) => void>(),
    preparing: new Set<(preparing: Preparing) => void>(),
    tagger: new Set<(model: string, preparing: Preparing | null) => void>(),
    evaluation: new Set<(evaluation: Evaluation) => void>(),
    batch: new Set<(batch: Batch) => void>(),
    close: new Set<(closing: Closing) => void>(),
  };
  /** Highlighting waits for the test of a device, until it is cancelled. */
  taggerWaits = false;
  readonly tagger = tagger(Object.values(sample).flat());

  constructor(
    scenario: Scenario,
    readonly tick: number,
  ) {
    this.models.push(libraryModel('starter', 'starter'));
    if (scenario !== 'empty') this.#fill();
    if (['studies', 'asking', 'many'].includes(scenario)) this.#addStudies();
    if (scenario === 'asking')
      this.queue = {
        ...this.queue,
        asks: true,
        entries: this.queue.entries.map((entry) => ({ ...entry, status: 'waiting' })),
      };
    if (scenario === 'many') addMany(this);
    if (scenario === 'large') {
      this.data.push(largeData());
      this.nextText = { name: 'book.txt', text: longText() };
    }
  }

  get isBusy(): boolean {
    const all = [
      ...this.runs.map(({ run }) => run),
      ...this.studies.map(({ study }) => study),
      ...this.pretrainings.map(({ pretraining }) => pretraining),
    ];
    return all.some(({ status }) => status === 'running');
  }

  addStudy(request: RunRequest, plan: StudyPlan, ticks: number, status: Study['status']): FakeStudy {
    const data = this.data.find((entry) => entry.set.id === request.data);
    const entry: FakeStudy = {
      study: {
        id: `study-${this.studies.length + 1}`,
        name: request.name,
        created: new Date().toISOString(),
        often: request.often ?? { kind: 'once' },
        status,
        stopping: false,
        model: request.model,
        data: request.data,
        data_name: data?.set.name ?? '',
        settings: request.settings,
        failure: null,
        run: null,
        combined: null,
        ...studyAfter(plan, ticks, status === 'running'),
      },
      plan,
      ticks,
      timer: null,
    };
    this.studies = [...this.studies, entry];
    for (const listener of this.listeners.study) listener(entry.study);
    return entry;
  }

  /** Keeps the middle run of a study; returns its id. */
  keep(study: Study, seed: number, values: Trial['values']): string {
    const id = `${study.id}-kept`;
    const settings = { ...study.settings, ...values, seed } as TrainSettings;
    const kept = this.#past(id, `${study.name}, seed ${seed}`, study.created, settings, 0.85);
    for (const listener of this.listeners.change) listener(kept.run);
    return id;
  }

  queueEntry(id: string, kind: QueueEntry['kind'], request: Waiting): QueueEntry {
    const data =
      'text' in request
        ? request.text.map(fileName).join(', ')
        : this.data.find((entry) => entry.set.id === request.data)?.set.name;
    return {
      id,
      kind,
      target: id,
      name: request.name,
      model: request.model,
      data_name: data ?? '',
      settings: 'text' in request ? null : request.settings,
      status: 'waiting',
      begun: false,
      failure: null,
    };
  }

  get storage(): StorageState {
    const part = (kind: StorageKind, items: StorageItem[]): StoragePart => ({
      kind,
      bytes: items.reduce((sum, item) => sum + item.bytes, 0),
      items: [...items].sort((a, b) => b.bytes - a.bytes),
    });
    const own = this.models.filter(({ source }) => source === 'library' || source === 'starter');
    const models = own.map(({ name, summary }) => ({ id: name, name, bytes: summary.bytes }));
    const runs = this.runs.map(({ run }) => ({
      id: run.id,
      name: run.name,
      bytes: run.has_model ? 92_300_000 : 41_000,
    }));
    const studies = this.studies.map(({ study }) => ({ id: study.id, name: study.name, bytes: 184_000_000 }));
    const data = this.data.map(({ set }) => ({
      id: set.id,
      name: set.name,
      bytes: 61_000 * (set.id.length % 5) + 90_000,
    }));
    const batches = this.batches.map(({ batch }) => ({ id: batch.id, name: batch.name, bytes: 320_000 }));
    const kept = this.runs.flatMap(({ run }) => {
      const bytes = this.checkpoints.get(run.id);
      return bytes ? [{ id: run.id, name: run.name, bytes }] : [];
    });
    const halted = [...this.downloads.values()].filter(({ state }) => state === 'failed' || state === 'cancelled');
    const downloads = halted.map(({ id, bytes }) => ({ id, name: id, bytes }));
    const kernels = { id: 'kernels', name: '/home/sam/.cache/tagsmith/kernels', bytes: this.kernelBytes };
    return {
      folder: '/home/sam/.local/share/tagsmith',
      cache: '/home/sam/.cache/tagsmith',
      parts: [
        part('models', models),
        part('runs', runs),
        part('studies', studies),
        part('data', data),
        part('batches', batches),
        part('checkpoints', kept),
        part('downloads', downloads),
        part('kernels', this.kernelBytes ? [kernels] : []),
      ],
      free_bytes: 148_300_000_000,
    };
  }

  simulation(request: RunRequest, skill?: number): Simulation {
    return simulate(request, this.data.find((entry) => entry.set.id === request.data)?.documents ?? {}, skill);
  }

  #fill(): void {
    this.models.push(
      libraryModel('google-bert/bert-base-cased', 'library'),
      libraryModel('dslim/bert-base-NER', 'cache', ['LOC', 'MISC', 'ORG', 'PER']),
    );
    this.downloads.set('google-bert/bert-large-cased', {
      id: 'google-bert/bert-large-cased',
      state: 'failed',
      bytes: 552_000_000,
      total: 1_340_000_000,
      bytes_per_second: 0,
      eta_seconds: null,
      failure: { code: 'offline', message: 'the connection to the Hub was cut', hint: 'check the network, then go on' },
    });
    this.data.push(
      dataSet('field-notes', 'Field notes', FIELD_NOTES, '2026-11-17T15:40:00Z'),
      dataSet('support-tickets', 'Support tickets', SUPPORT_TICKETS, '2026-11-18T09:12:00Z'),
    );
    this.checkpoints.set('tickets-first', 181_000_000);
    this.kernelBytes = 41_300_000;
    this.#past('tickets-first', 'First try', '2026-11-18T09:20:00Z', { epochs: 8 }, 0.74);
    this.#past('tickets-longer', 'More epochs', '2026-11-19T10:02:00Z', { epochs: 20, seed: 7 }, 0.86);
    const squeezed = this.runs.at(-1) as FakeRun;
    squeezed.events.splice(1, 0, { event: 'warning', code: 'memory', message: HALVED, time: '2026-11-19T10:02:03Z' });
    const failed = this.#past(
      'tickets-large',
      'Large batch',
      '2026-11-19T16:45:00Z',
      { batch_size: 64, epochs: 10 },
      0.8,
    );
    failed.run = {
      ...failed.run,
      status: 'failed',
      best_f1: null,
      test_f1: null,
      step: 12,
      seconds: 95,
      failure: OUT_OF_MEMORY,
      has_report: false,
      has_model: false,
    };
    failed.report = null;
    failed.events = failed.events.filter(
      (event) => event.event === 'started' || (event.event === 'step' && event.step <= 12),
    );
    failed.events.push({
      event: 'failed',
      ...OUT_OF_MEMORY,
      time: '2026-11-19T16:47:00Z',
    });
    this.models = this.models.filter((model) => model.run !== 'tickets-large');
    this.evaluations.push(...pastEvaluations(this));
  }

  /** Two studies that are done, one that was stopped, and a queue that was paused. */
  #addStudies(): void {
    const settings = { ...DEFAULT_SETTINGS };
    const request = (name: string, often: NonNullable<RunRequest['often']>): RunRequest => ({
      name,
      model: 'starter',
      data: 'support-tickets',
      settings,
      often,
    });
    const past = (asked: RunRequest, created: string, share: number, status: Study['status']) => {
      const plan = planStudy(asked);
      const entry = this.addStudy(asked, plan, Math.round(ticksOf(plan) * share), status);
      entry.study = { ...entry.study, created };
      if (share < 1) return;
      const { search, seeds } = entry.study;
      const middle = (search?.winner ? search.winner_seeds : seeds).middle ?? 0;
      const values = search?.trials.find(({ trial }) => trial === search.winner)?.values;
      entry.study = { ...entry.study, run: this.keep(entry.study, middle, values ?? {}) };
    };
    past(request('Baseline', { kind: 'seeds', seeds: 5 }), '2026-11-20T08:10:00Z', 1, 'finished');
    past(
      request('Better settings', { kind: 'search', trials: 12, space: SPACE }),
      '2026-11-21T19:05:00Z',
      1,
      'finished',
    );
    past(request('Short search', { kind: 'search', trials: 9, space: SPACE }), '2026-11-22T09:30:00Z', 0.42, 'stopped');
    const waiting: [string, RunRequest][] = [
      ['run-1', request('With a CRF', { kind: 'once' })],
      ['seeds-2', request('Baseline, longer', { kind: 'seeds', seeds: 3 })],
      ['search-3', request('Search with BERT', { kind: 'search', trials: 20, space: SPACE })],
    ];
    for (const [id, asked] of waiting) {
      this.waiting.set(id, asked);
      const kind = id.split('-')[0] as QueueEntry['kind'];
      this.queue.entries.push({ ...this.queueEntry(id, kind, asked), status: 'paused' });
    }
    const first = this.queue.entries[0];
    if (first) first.begun = true;
  }

  #past(id: string, name: string, created: string, changed: Partial<TrainSettings>, skill: number): FakeRun {
    const settings = { ...DEFAULT_SETTINGS, ...changed };
    const request: RunRequest = { name, model: 'starter', data: 'support-tickets', settings };
    const simulation = this.simulation(request, skill);
    const began = Date.parse(created);
    const stamp = (seconds: number) => new Date(began + seconds * 1000).toISOString();
    const events: TimestampedEvent[] = [{ ...simulation.started(id), time: stamp(2) }];
    for (let step = 1; step <= simulation.steps; step += 1) {
      for (const event of simulation.step(step)) events.push({ ...event, time: stamp(2 + step * 0.52) });
    }
    const last = simulation.finished(id);
    events.push({ ...last, time: stamp(2 + simulation.steps * 0.52) });
    const entry: FakeRun = {
      run: {
        id,
        name,
        created,
        status: 'finished',
        stopping: false,
        starred: false,
        note: '',
        has_report: true,
        has_model: true,
        model: 'starter',
        data: 'support-tickets',
        data_name: 'Support tickets',
        settings,
        best_f1: last.event === 'finished' ? last.best_f1 : null,
        test_f1: simulation.report.splits['test']?.metrics.overall.f1 ?? null,
        seconds: simulation.steps * 0.52,
        step: simulation.steps,
        steps: simulation.steps,
        failure: null,
      },
      events,
      simulation,
      report: simulation.report,
      timer: null,
    };
    this.runs.push(entry);
    this.models.push(libraryModel(id, 'run', Object.keys(simulation.report.splits['dev']?.metrics.labels ?? {}), id));
    return entry;
  }
}

// Everything the window can ask of the shell, and everything the shell tells it unasked.
//
// Views know this interface alone. The shell implements it over its own channel; `fake.ts`
// implements it in memory. Every command may be refused with a `Failure`.

import type {
  commands,
  Download,
  Drag,
  Evaluation,
  Preparing,
  Progress,
  ModelQuery as BoundQuery,
  Reading as BoundReading,
  Run,
  TimestampedEvent,
} from './shell/bindings';

export type {
  ChosenFile,
  ColumnChoice,
  DataDocument,
  DataSet,
  DocumentPage,
  DocumentQuery,
  Download,
  Drag,
  Evaluation,
  ExportLoss,
  ExportPlan,
  ExportRequest,
  FindingPage,
  FindingQuery,
  FormatName,
  FoundModel,
  HubSettings,
  HubState,
  ImportRequest,
  InspectedFile,
  Inspection,
  InspectRequest,
  Bin as LengthBin,
  LibraryModel,
  Member,
  ModelCheck,
  ModelDetails,
  ModelSort,
  OffsetUnit,
  Place,
  Preferences,
  Preparing,
  Progress,
  Repair,
  RepairExample,
  RepairPreview,
  Run,
  RunRequest,
  RunStatus,
  ShelfEntry,
  Split,
  SplitStatistics,
  Statistics,
  StorageState,
} from './shell/bindings';
export type { TrainSettings } from './contracts';

/** Why a command was refused. `code` is stable; `message` and `hint` are for people. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message);
    this.name = 'Failure';
  }
}

export type Unsubscribe = () => void;

/**
 * The generated commands whose names begin with `G`, without that: `models_add_folder` of the shell is
 * `models.addFolder` here. What a command does stands with it in the shell, and in the bindings.
 */
export type Commands<G extends string> = {
  [K in keyof Bound as K extends `${G}${infer Name}` ? Uncapitalize<Name> : never]: Bound[K] extends (
    ...given: infer A
  ) => Promise<infer R>
    ? // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- what a command without an answer returns
      (...given: A) => Promise<[R] extends [null] ? void : R>
    : never;
};

/** A command that answers nothing sends `null`. */
type Bound = typeof commands;

/**
 * Everything that the page can ask of the shell, and what the shell reports unasked. Every command may be
 * refused with a `Failure`.
 *
 * `job` is any name that the page gives to a long piece of work: `onProgress` reports under that name, and
 * `data.cancel` ends it. What was asked is then refused with the code `cancelled`.
 */
export interface Client {
  /** Whether what it answers is made up. */
  readonly demo: boolean;
  models: ModelsClient;
  data: DataClient;
  runs: RunsClient;
  tagger: TaggerClient;
  settings: SettingsClient;
  evaluations: EvaluationsClient;
  window: WindowClient;
}

/**
 * Why a download was refused or broke off, where the page has a next step to offer:
 * `gated` (terms not accepted), `unauthorized` (no token, or one without the right), `offline` (switched
 * off, or no connection), `rate-limited`, `disk` (not enough room), `checksum` (wrong bytes).
 * A `Failure` of `search`, `details` and `download` carries the same codes.
 */
export const DOWNLOAD_CODES = ['gated', 'unauthorized', 'offline', 'rate-limited', 'disk', 'checksum'] as const;

/** All of it; an empty text stands for any. */
export type ModelQuery = { [K in keyof BoundQuery]-?: NonNullable<BoundQuery[K]> };

/** All of it; what is not said is found out by looking. */
export type Reading = Required<BoundReading>;

export interface ModelsClient extends Commands<'models'> {
  onDownload(listener: (download: Download) => void): Unsubscribe;
}

export interface DataClient extends Commands<'data'> {
  onProgress(listener: (progress: Progress) => void): Unsubscribe;
  onDrag(listener: (drag: Drag) => void): Unsubscribe;
}

export interface RunsClient extends Commands<'runs'> {
  /** New events of every run, at most about ten a second. */
  onEvent(listener: (run: string, event: TimestampedEvent) => void): Unsubscribe;
  /** A run's summary changed: status, name, scores. */
  onChange(listener: (run: Run) => void): Unsubscribe;
}

export interface EvaluationsClient extends Commands<'evaluations'> {
  /** Progress, at most about ten times a second, and the end. */
  onChange(listener: (evaluation: Evaluation) => void): Unsubscribe;
}

export interface TaggerClient extends Commands<'tagger'> {
  /** The device of a model is tested first, some five times a second; `null` when that is over. */
  onPreparing(listener: (model: string, preparing: Preparing | null) => void): Unsubscribe;
}

export interface SettingsClient extends Commands<'settings'> {
  /** Progress of the test of devices, some five times a second. */
  onPreparing(listener: (preparing: Preparing) => void): Unsubscribe;
}

export interface WindowClient extends Omit<Commands<'window'>, 'painted'> {
  /** Asked instead of closing, while runs go on; `runs` may be empty where only downloads or evaluations do. */
  onClose(listener: (runs: Run[]) => void): Unsubscribe;
}

// The interface between the window and the shell: commands, and the events that the shell reports.
//
// Views know only this interface. `shell/` implements it over the shell's channel, `fake/` in memory.
// Every command may fail with a `Failure`.

import type {
  Batch,
  commands,
  Download,
  Drag,
  Evaluation,
  Preparing,
  Pretraining,
  Progress,
  ModelQuery as BoundQuery,
  QueueState,
  Reading as BoundReading,
  Run,
  Study,
  TimestampedEvent,
} from './shell/bindings';

export type {
  AugmentationExample,
  Batch,
  BatchFile,
  BatchLook,
  BatchRequest,
  BatchStatus,
  ChosenFile,
  ColumnChoice,
  Combination,
  ComparedScores,
  ComparedSplit,
  Comparison,
  CurvePoint,
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
  Fault,
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
  MentionList,
  ModelCheck,
  ModelDetails,
  ModelSort,
  OffsetUnit,
  Often,
  Place,
  PredictionFormat,
  Preferences,
  HeldOut,
  Preparing,
  Pretraining,
  PretrainRequest,
  Progress,
  QueueEntry,
  QueueState,
  Repair,
  RepairExample,
  RepairPreview,
  Run,
  RunPlan,
  RunRequest,
  RunStatus,
  SearchState,
  SeedRun,
  SeedScores,
  SeedSpread,
  SettingValue,
  ShelfEntry,
  SkippedFile,
  SpaceRange,
  Split,
  SplitStatistics,
  Started,
  Statistics,
  StorageItem,
  StorageKind,
  StoragePart,
  StorageState,
  Study,
  SystemTexts,
  TaskStatus,
  Trial,
} from './shell/bindings';
export type { TrainSettings } from './contracts';

/** Why a command failed. `code` is stable; `message` and `hint` are for people. */
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
 * The generated commands whose names begin with `G`, without that prefix: `models_add_folder` of the shell
 * is `models.addFolder` here. The shell and the bindings document each command.
 */
export type Commands<G extends string> = {
  [K in keyof Bound as K extends `${G}${infer Name}` ? Uncapitalize<Name> : never]: Bound[K] extends (
    ...given: infer A
  ) => Promise<infer R>
    ? // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- what a command without an answer returns
      (...given: A) => Promise<[R] extends [null] ? void : R>
    : never;
};

/** A command without a result returns `null`. */
type Bound = typeof commands;

/**
 * All commands and events, by group.
 *
 * `job` is any name that the page gives to a long task: `onProgress` reports under that name, and
 * `data.cancel` ends the task, which then fails with the code `cancelled`. What the shell does of itself has
 * a name too: a data set of an earlier version that is prepared when it is first opened is `opening ID`.
 */
export interface Client {
  /** Whether its data are made up. */
  readonly demo: boolean;
  models: ModelsClient;
  data: DataClient;
  runs: RunsClient;
  studies: StudiesClient;
  pretraining: PretrainingClient;
  queue: QueueClient;
  tagger: TaggerClient;
  settings: SettingsClient;
  evaluations: EvaluationsClient;
  batches: BatchesClient;
  window: WindowClient;
}

/**
 * The codes of failed downloads for which the page has a next step to offer:
 * `gated` (terms not accepted), `unauthorized` (no token, or one without the right), `offline` (switched
 * off), `network` (no connection), `rate-limited`, `disk` (not enough room), `checksum` (wrong bytes).
 * A `Failure` of `search`, `details` and `download` carries the same codes.
 */
export const DOWNLOAD_CODES = [
  'gated',
  'unauthorized',
  'offline',
  'network',
  'rate-limited',
  'disk',
  'checksum',
] as const;

/** With every field set; an empty text means any. */
export type ModelQuery = { [K in keyof BoundQuery]-?: NonNullable<BoundQuery[K]> };

/** With every field set; `null` means that it is detected. */
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

export interface StudiesClient extends Commands<'studies'> {
  /** Progress, at most about three times a second, and the end. */
  onChange(listener: (study: Study) => void): Unsubscribe;
}

export interface PretrainingClient extends Commands<'pretraining'> {
  /** Progress, at most about three times a second, and the end. */
  onChange(listener: (pretraining: Pretraining) => void): Unsubscribe;
}

export interface QueueClient extends Commands<'queue'> {
  onChange(listener: (queue: QueueState) => void): Unsubscribe;
}

/** What goes on while the window is to be closed. */
export interface Closing {
  /** All may be empty if only downloads or evaluations go on. */
  runs: Run[];
  studies: Study[];
  pretraining: Pretraining[];
  /** How many wait in the queue. */
  waiting: number;
}

export interface EvaluationsClient extends Commands<'evaluations'> {
  /** Progress, at most about ten times a second, and the end. */
  onChange(listener: (evaluation: Evaluation) => void): Unsubscribe;
}

export interface BatchesClient extends Commands<'batches'> {
  /** Progress, some seven times a second, and the end. */
  onChange(listener: (batch: Batch) => void): Unsubscribe;
}

export interface TaggerClient extends Commands<'tagger'> {
  /** Progress of the test of a model's device, about five times a second; `null` when that is over. */
  onPreparing(listener: (model: string, preparing: Preparing | null) => void): Unsubscribe;
}

export interface SettingsClient extends Commands<'settings'> {
  /** Progress of the test of devices, about five times a second. */
  onPreparing(listener: (preparing: Preparing) => void): Unsubscribe;
}

export interface WindowClient extends Omit<Commands<'window'>, 'painted'> {
  /** Called instead of closing while something is running. */
  onClose(listener: (closing: Closing) => void): Unsubscribe;
}

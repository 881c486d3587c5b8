// Everything the window can ask of the shell, and everything the shell tells it unasked.
//
// Views know this interface alone. The shell implements it over its own channel; `fake.ts`
// implements it in memory. Every command may be refused with a `Failure`.

import type {
  ChosenFile,
  ComputeDevice,
  DataSet,
  DocumentPage,
  DocumentQuery,
  Download,
  Drag,
  Entity,
  Evaluation,
  EvaluationRequest,
  ExportPlan,
  ExportRequest,
  FindingPage,
  FindingQuery,
  FoundModels,
  Freed,
  HubSettings,
  HubState,
  ImportRequest,
  InspectRequest,
  Inspection,
  LibraryModel,
  ModelCheck,
  ModelDetails,
  ModelQuery,
  OpenedText,
  Preferences,
  Preparing,
  Progress,
  Reading as BoundReading,
  Repair,
  RepairPreview,
  Report,
  Run,
  RunRequest,
  ShelfEntry,
  TimestampedEvent,
  Statistics,
  StorageState,
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
  ExportFormat,
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
  LengthBin,
  LibraryModel,
  Member,
  ModelCheck,
  ModelDetails,
  ModelQuery,
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

// Models

/**
 * Why a download was refused or broke off, where the window has a next step to offer:
 * `gated` (terms not accepted), `unauthorized` (no token, or one without the right), `offline` (switched
 * off, or no connection), `rate-limited`, `disk` (not enough room), `checksum` (wrong bytes).
 * A `Failure` of `search`, `details` and `download` carries the same codes.
 */
export const DOWNLOAD_CODES = ['gated', 'unauthorized', 'offline', 'rate-limited', 'disk', 'checksum'] as const;
export interface ModelsClient {
  shelf(): Promise<ShelfEntry[]>;
  search(query: ModelQuery): Promise<FoundModels>;
  details(id: string): Promise<ModelDetails>;
  library(): Promise<LibraryModel[]>;
  /** Asks for a folder in the system's dialog; `null` when the person cancels. */
  addFolder(): Promise<LibraryModel | null>;
  /** Deletes a model from the disk. A `folder` is only forgotten and frees nothing; a `cache` belongs to other programs and is refused. */
  remove(name: string): Promise<Freed>;
  /** Opens the model's page on the Hub, or on the mirror that is set, in the system's browser. */
  openPage(id: string): Promise<void>;
  /** Also those that broke off or were cancelled, in this session or an earlier one. */
  downloads(): Promise<Download[]>;
  /** Begins, or goes on with the bytes that are there. */
  download(id: string): Promise<void>;
  cancelDownload(id: string): Promise<void>;
  /** Forgets a cancelled or failed download and its partial bytes. */
  discardDownload(id: string): Promise<void>;
  onDownload(listener: (download: Download) => void): Unsubscribe;
}

// Data

/** All of it; what is not said is found out by looking. */
export type Reading = Required<BoundReading>;

/**
 * `job` is any name that the window gives to a long piece of work: `onProgress` tells of it under that
 * name, and `cancel` ends it. What was asked is then refused with the code `cancelled`.
 */
export interface DataClient {
  list(): Promise<DataSet[]>;
  /** Ask in the system's dialog; nothing where the person cancels. */
  pickFiles(): Promise<string[]>;
  pickFolder(): Promise<string | null>;
  /** Reads and checks files without taking them into the library. */
  inspect(request: InspectRequest, job: string): Promise<Inspection>;
  import(request: ImportRequest, job: string): Promise<DataSet>;
  /** Puts new versions of the files in place of the old, and does these repairs on them. */
  update(id: string, files: ChosenFile[], repairs: Repair[], job: string): Promise<DataSet>;
  importSample(): Promise<DataSet>;
  documents(id: string, query: DocumentQuery): Promise<DocumentPage>;
  findings(id: string, query: FindingQuery): Promise<FindingPage>;
  statistics(id: string): Promise<Statistics>;
  /** What a model makes of it, in windows of at most so many word pieces. */
  checkModel(id: string, model: string, maxLength: number, job: string): Promise<ModelCheck>;
  /** What a repair would change. */
  previewRepair(id: string, repair: Repair, job: string): Promise<RepairPreview>;
  repair(id: string, repair: Repair, job: string): Promise<DataSet>;
  /** Takes back the last repair. */
  undo(id: string, job: string): Promise<DataSet>;
  /** Does again what was taken back last. */
  redo(id: string, job: string): Promise<DataSet>;
  exportPlan(id: string, request: ExportRequest, job: string): Promise<ExportPlan>;
  /** Asks where in the system's dialog; the path, or `null` where the person cancels. */
  export(id: string, request: ExportRequest, job: string): Promise<string | null>;
  remove(id: string): Promise<Freed>;
  cancel(job: string): Promise<void>;
  onProgress(listener: (progress: Progress) => void): Unsubscribe;
  onDrag(listener: (drag: Drag) => void): Unsubscribe;
}

// Runs

export interface RunsClient {
  list(): Promise<Run[]>;
  start(request: RunRequest): Promise<Run>;
  /** After the current step; the best model so far is kept. Until then the run is `stopping`. */
  stop(id: string): Promise<void>;
  /** Ends the process at once; what the last checkpoint holds stays. */
  kill(id: string): Promise<void>;
  /** Goes on with a stopped, failed or killed run. */
  resume(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<Freed>;
  /** What happened so far, in order. */
  events(id: string): Promise<TimestampedEvent[]>;
  report(id: string): Promise<Report>;
  /** New events of every run, at most about ten a second. */
  onEvent(listener: (run: string, event: TimestampedEvent) => void): Unsubscribe;
  /** A run's summary changed: status, name, scores. */
  onChange(listener: (run: Run) => void): Unsubscribe;
}

// Evaluations

export interface EvaluationsClient {
  list(): Promise<Evaluation[]>;
  start(request: EvaluationRequest): Promise<Evaluation>;
  cancel(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  report(id: string): Promise<Report>;
  /** Progress, at most about ten times a second, and the end. */
  onChange(listener: (evaluation: Evaluation) => void): Unsubscribe;
}

// Tagging

export interface TaggerClient {
  /** One reply a paragraph, in order; offsets are within the paragraph. */
  tag(model: string, paragraphs: string[]): Promise<Entity[][]>;
  /** Ends all that is asked of a model: it is refused with the code `cancelled`. */
  cancel(model: string): Promise<void>;
  /** The device of a model is tested first, some five times a second; `null` when that is over. */
  onPreparing(listener: (model: string, preparing: Preparing | null) => void): Unsubscribe;
  /** Asks for a text file in the system's dialog; `null` when the person cancels. */
  openText(): Promise<OpenedText | null>;
}

// Settings

export interface SettingsClient {
  preferences(): Promise<Preferences>;
  savePreferences(preferences: Preferences): Promise<void>;
  devices(): Promise<ComputeDevice[]>;
  /** Tests every device anew: for a card that is new here this takes a while. Refused with the code `cancelled` after `cancelTest`. */
  testDevices(): Promise<ComputeDevice[]>;
  cancelTest(): Promise<void>;
  /** How far that test is, some five times a second. */
  onPreparing(listener: (preparing: Preparing) => void): Unsubscribe;
  hub(): Promise<HubState>;
  saveHub(settings: HubSettings): Promise<HubState>;
  /** `null` forgets it. */
  saveToken(token: string | null): Promise<HubState>;
  storage(): Promise<StorageState>;
  openFolder(): Promise<void>;
  /** Versions, devices and last errors as text; no data and no token. */
  diagnostics(): Promise<string>;
  /** Puts text on the clipboard, as HTML too where it is given. */
  copy(text: string, html?: string): Promise<void>;
}

// The window

/** The person closes the window while runs go on. */
export interface WindowClient {
  /** Asked instead of closing; `runs` may be empty where only downloads or evaluations go on. */
  onClose(listener: (runs: Run[]) => void): Unsubscribe;
  /** `keep`: the runs go on without the window; `stop`: each stops, keeps the best so far, then the window closes. */
  close(choice: 'keep' | 'stop'): Promise<void>;
}

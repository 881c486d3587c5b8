// Everything the window can ask of the shell, and everything the shell tells it unasked.
//
// Views know this interface alone. The shell implements it over its own channel; `fake.ts`
// implements it in memory. Every command may be refused with a `Failure`.

import type {
  CheckReport, ComputeDevice, Entity, ModelEntry, ModelSummary, Report, Stamped, TrainConfig,
} from './contracts';

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

/** A starting point that the program recommends; known without a network. */
export interface ShelfEntry {
  /** `starter`, or `ORG/NAME` or `NAME` on the Hub. */
  id: string;
  title: string;
  family: string;
  /** When to take it, in one sentence. */
  advice: string;
  parameters: number;
  /** Of the files that would be downloaded. */
  bytes: number;
  language: string;
  license: string;
  cased: boolean;
  /** Whether the engine can fine-tune its family today. */
  trainable: boolean;
}
export type ModelSort = 'downloads' | 'likes' | 'updated';
export interface ModelQuery {
  text: string;
  sort: ModelSort;
  /** Only models that can be fine-tuned here. */
  trainable: boolean;
  /** An ISO 639-1 code, or empty for any. */
  language: string;
}
export interface FoundModel {
  id: string;
  downloads: number;
  likes: number;
  /** RFC 3339. */
  updated: string;
  license: string | null;
  languages: string[];
  model_type: string | null;
  trainable: boolean;
  /** Its authors give it only to people who accepted their terms, with a token. */
  gated: boolean;
}
export interface ModelDetails extends FoundModel {
  /** The commit that a download would pin. */
  revision: string;
  /** Of the files that would be downloaded. */
  bytes: number;
  parameters: number | null;
  architecture: string | null;
  /** Why it cannot be fine-tuned, each a sentence without a full stop. */
  reasons: string[];
  /** The beginning of its model card, as plain text. */
  about: string;
}
export interface LibraryModel extends ModelEntry {
  summary: ModelSummary;
  /** For what a run made: the run's id. */
  run: string | null;
}
export interface Download {
  id: string;
  state: 'waiting' | 'running' | 'verifying' | 'done' | 'cancelled' | 'failed';
  bytes: number;
  total: number;
  bytes_per_second: number;
  eta_seconds: number | null;
  /** `code` is one of those of `DOWNLOAD_CODES`, or another for which there is no advice but to try again. */
  failure: { code: string; message: string; hint: string | null } | null;
}
/**
 * Why a download was refused or broke off, where the window has a next step to offer:
 * `gated` (terms not accepted), `unauthorized` (no token, or one without the right), `offline` (switched
 * off, or no connection), `rate-limited`, `disk` (not enough room), `checksum` (wrong bytes).
 * A `Failure` of `search`, `details` and `download` carries the same codes.
 */
export const DOWNLOAD_CODES = ['gated', 'unauthorized', 'offline', 'rate-limited', 'disk', 'checksum'] as const;
export interface ModelsClient {
  shelf(): Promise<ShelfEntry[]>;
  search(query: ModelQuery): Promise<{ models: FoundModel[]; more: boolean }>;
  details(id: string): Promise<ModelDetails>;
  library(): Promise<LibraryModel[]>;
  /** Asks for a folder in the system's dialog; `null` when the person cancels. */
  addFolder(): Promise<LibraryModel | null>;
  /** Deletes a model from the disk. A `folder` is only forgotten and frees nothing; a `cache` belongs to other programs and is refused. */
  remove(name: string): Promise<{ freed_bytes: number }>;
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

export type Split = 'train' | 'dev' | 'test';
export interface ImportRequest {
  name: string;
  train: string;
  dev: string | null;
  test: string | null;
  /** Share of `train`, 0–1, that becomes `dev` where there is no file for it. */
  dev_share: number;
  test_share: number;
  seed: number;
  drop_invalid: boolean;
}
/** Documents by length in words; `from` is included, `to` is not. */
export interface LengthBin {
  from: number;
  to: number;
  count: number;
}
export interface DataSet {
  id: string;
  name: string;
  /** RFC 3339. */
  imported: string;
  check: CheckReport;
  lengths: LengthBin[];
  longest_words: number;
}
export interface DocumentQuery {
  split: Split | 'all';
  /** Found anywhere in the text, capitals ignored. */
  text: string;
  label: string | null;
  offset: number;
  limit: number;
}
export interface DataDocument {
  split: string;
  line: number;
  text: string;
  entities: Entity[];
}
/** Files dragged over the window by the person; paths come with `drop` only. */
export type Drag = { phase: 'over' } | { phase: 'leave' } | { phase: 'drop'; paths: string[] };
export interface DataClient {
  list(): Promise<DataSet[]>;
  /** Asks for a file in the system's dialog; `null` when the person cancels. */
  pickFile(): Promise<string | null>;
  /** Reads and checks files without taking them into the library. */
  check(request: ImportRequest): Promise<CheckReport>;
  import(request: ImportRequest): Promise<DataSet>;
  importSample(): Promise<DataSet>;
  documents(id: string, query: DocumentQuery): Promise<{ total: number; documents: DataDocument[] }>;
  remove(id: string): Promise<{ freed_bytes: number }>;
  onDrag(listener: (drag: Drag) => void): Unsubscribe;
}

// Runs

export type RunStatus = 'running' | 'finished' | 'stopped' | 'failed';
/** What a person may set; the shell fills in the paths of model and data. */
export type TrainSettings = Omit<TrainConfig, 'model' | 'train' | 'dev' | 'test'>;
export interface RunRequest {
  name: string;
  /** The name of a library model. */
  model: string;
  /** The id of a data set. */
  data: string;
  settings: TrainSettings;
}
export interface Run {
  id: string;
  name: string;
  /** RFC 3339. */
  created: string;
  status: RunStatus;
  model: string;
  data: string;
  data_name: string;
  settings: TrainSettings;
  best_f1: number | null;
  test_f1: number | null;
  seconds: number;
  step: number;
  steps: number;
  /** Why it failed; `null` for every other status. */
  failure: { message: string; hint: string | null } | null;
}
export interface RunsClient {
  list(): Promise<Run[]>;
  start(request: RunRequest): Promise<Run>;
  /** After the current step; the best model so far is kept. */
  stop(id: string): Promise<void>;
  /** Goes on with a stopped, failed or killed run. */
  resume(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<{ freed_bytes: number }>;
  /** What happened so far, in order. */
  events(id: string): Promise<Stamped[]>;
  report(id: string): Promise<Report>;
  /** New events of every run, at most about ten a second. */
  onEvent(listener: (run: string, event: Stamped) => void): Unsubscribe;
  /** A run's summary changed: status, name, scores. */
  onChange(listener: (run: Run) => void): Unsubscribe;
}

// Evaluations

/** A model scored on a data set. */
export interface Evaluation {
  id: string;
  /** The name of a library model. */
  model: string;
  /** The id of a data set. */
  data: string;
  data_name: string;
  split: Split | 'all';
  /** RFC 3339. */
  created: string;
  status: 'running' | 'finished' | 'cancelled' | 'failed';
  /** Documents scored so far. */
  done: number;
  /** Documents in all; 0 while unknown. */
  total: number;
  f1: number | null;
  failure: { message: string; hint: string | null } | null;
}
export interface EvaluationsClient {
  list(): Promise<Evaluation[]>;
  start(request: { model: string; data: string; split: Split | 'all' }): Promise<Evaluation>;
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
  /** Asks for a text file in the system's dialog; `null` when the person cancels. */
  openText(): Promise<{ name: string; text: string } | null>;
}

// Settings

export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  /** 1 to 2. */
  text_scale: number;
  /** The hue, 0–11, that a person or the program gave a label. */
  label_hues: Record<string, number>;
  /** What the four steps of the first start still have to show. */
  guide: 'open' | 'dismissed';
  /** `auto` or a device's id: what a new run takes. */
  device: string;
}
export interface HubSettings {
  endpoint: string;
  proxy: string;
  offline: boolean;
}
export interface HubState extends HubSettings {
  /** Where a token is kept; the token itself never comes back. */
  token: 'none' | 'keyring' | 'file' | 'environment';
}
export interface StorageState {
  folder: string;
  models_bytes: number;
  data_bytes: number;
  runs_bytes: number;
  free_bytes: number;
}
export interface SettingsClient {
  preferences(): Promise<Preferences>;
  savePreferences(preferences: Preferences): Promise<void>;
  devices(): Promise<ComputeDevice[]>;
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
  /** Asked instead of closing; `runs` may be empty where only downloads go on. */
  onClose(listener: (runs: Run[]) => void): Unsubscribe;
  /** `keep`: the runs go on without the window; `stop`: each stops, keeps the best so far, then the window closes. */
  close(choice: 'keep' | 'stop'): Promise<void>;
}

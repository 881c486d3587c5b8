// The engine's own shapes, field for field: events, settings, reports, data checks, model summaries.
//
// One difference holds everywhere: offsets count UTF-16 units, as JavaScript strings do. The engine
// writes Unicode characters; the shell converts before anything reaches this side.

export type Scheme = 'io' | 'iob1' | 'iob2' | 'bioes' | 'bilou' | 'bmes';
export type Convention = 'conlleval' | 'strict';
export type Decoding = 'viterbi' | 'argmax';
export type Schedule = 'linear' | 'cosine' | 'constant';

/** Fractions from 0 to 1; `support` is the number of gold entities. */
export interface Scores {
  precision: number;
  recall: number;
  f1: number;
  support: number;
}

export interface Metrics {
  convention: Convention;
  overall: Scores;
  macro: Scores;
  labels: Record<string, Scores>;
  token_accuracy: number;
}

/** Everything that decides a run; `null` leaves the choice to the engine. */
export interface TrainConfig {
  model: string;
  train: string;
  dev: string | null;
  test: string | null;
  epochs: number | null;
  batch_size: number;
  gradient_accumulation: number;
  learning_rate: number | null;
  schedule: Schedule;
  warmup_ratio: number;
  weight_decay: number;
  max_grad_norm: number;
  dropout: number | null;
  max_length: number;
  overlap: number;
  dev_share: number;
  early_stopping_patience: number;
  checkpoint_minutes: number;
  seed: number;
  device: string;
  eval_batch_size: number;
  scheme: Scheme;
  decoding: Decoding;
  drop_invalid: boolean;
}

export interface StartedEvent {
  event: 'started';
  run: string;
  config: TrainConfig;
  documents: Record<string, number>;
  windows: number;
  steps: number;
  done_steps: number;
  parameters: number;
  labels: string[];
  device: string;
}
export interface StepEvent {
  event: 'step';
  step: number;
  epoch: number;
  loss: number;
  lr: number;
  gradient_norm: number;
  tokens_per_second: number;
  memory_bytes: number;
  eta_seconds: number;
}
export interface EvaluatedEvent {
  event: 'evaluated';
  split: string;
  step: number;
  epoch: number;
  loss: number;
  metrics: Metrics;
  best: boolean;
}
export interface CheckpointEvent {
  event: 'checkpoint';
  path: string;
  step: number;
}
export interface WarningEvent {
  event: 'warning';
  code: string;
  message: string;
}
export interface FinishedEvent {
  event: 'finished';
  report: string;
  model: string;
  best_f1: number;
  best_step: number;
  seconds: number;
  peak_memory_bytes: number;
}
export interface StoppedEvent {
  event: 'stopped';
  report: string;
  model: string;
  step: number;
  best_f1: number;
}
export interface FailedEvent {
  event: 'failed';
  code: string;
  message: string;
  hint: string | null;
}
/** Order: `started` first; exactly one of `finished`, `stopped`, `failed` last. */
export type RunEvent =
  | StartedEvent
  | StepEvent
  | EvaluatedEvent
  | CheckpointEvent
  | WarningEvent
  | FinishedEvent
  | StoppedEvent
  | FailedEvent;
/** `time` is UTC, RFC 3339. */
export type Stamped = RunEvent & { time: string };

export interface Entity {
  start: number;
  end: number;
  label: string;
  text: string;
  /** 0–1; absent for gold entities. */
  score?: number;
}

export type MistakeKind = 'missed' | 'spurious' | 'label' | 'boundary' | 'label_and_boundary';
export interface Mistake {
  kind: MistakeKind;
  gold: Entity | null;
  predicted: Entity | null;
}
export interface DocumentErrors {
  /** Place in its file, from 0. */
  document: number;
  /** From 1. */
  line: number;
  text: string;
  errors: Mistake[];
}
export interface Confusion {
  gold: string | null;
  predicted: string | null;
  count: number;
}
export interface SplitReport {
  file: string;
  documents: number;
  words: number;
  words_without_pieces: number;
  moved_entities: number;
  lost_entities: number;
  loss: number;
  metrics: Metrics;
  confusion: Confusion[];
  errors: DocumentErrors[];
}
/** `report.json`. */
export interface Report {
  convention: Convention;
  decoding: Decoding;
  splits: Record<string, SplitReport>;
}

export type Severity = 'error' | 'warning' | 'info';
export interface Issue {
  severity: Severity;
  code: string;
  file: string;
  /** From 1; 0 when the finding is about the whole file. */
  line: number;
  column: number | null;
  found: string;
  message: string;
  fix: string | null;
}
export type Format =
  | { kind: 'conll'; columns: number; separator: 'tab' | 'space'; token_column: number; tag_column: number; bare_labels: boolean }
  | { kind: 'jsonl-spans'; spelling: 'plain' | 'doccano' | 'spacy' | 'prodigy' }
  | { kind: 'jsonl-tokens' };
export interface FileReport {
  split: string;
  path: string;
  format: Format;
  scheme: Scheme | null;
  documents: number;
  words: number;
  entities: number;
  labels: Record<string, number>;
  repaired_tags: number;
  dropped_spans: number;
  skipped_documents: number;
}
export interface CheckReport {
  files: FileReport[];
  issues: Issue[];
}

export interface ModelEntry {
  name: string;
  path: string;
  /** `cache`: found in the standard Hugging Face cache and used in place; `folder`: one that the person added. */
  source: 'starter' | 'library' | 'run' | 'cache' | 'folder';
}
export interface ModelSummary {
  path: string;
  architecture: string | null;
  model_type: string | null;
  num_hidden_layers: number | null;
  hidden_size: number | null;
  num_attention_heads: number | null;
  vocab_size: number | null;
  max_position_embeddings: number | null;
  labels: string[];
  weights: {
    kind: 'safetensors' | 'pytorch';
    files: string[];
    bytes: number;
    parameters: number | null;
    dtypes: Record<string, number>;
  } | null;
  tokenizer: {
    kind: 'tokenizer.json' | 'vocab.txt' | 'none';
    model: string | null;
    vocabulary: number | null;
    cased: boolean | null;
  };
  license: string | null;
  bytes: number;
  trainable: boolean;
  reasons: string[];
}
export interface ComputeDevice {
  id: string;
  name: string;
  threads: number | null;
  memory_bytes: number | null;
}

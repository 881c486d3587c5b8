// The engine's types, as the shell passes them on: generated, with a name for each event added here.
//
// They differ from the engine's files in one respect: offsets count UTF-16 units, as JavaScript strings do.
// The engine writes Unicode characters; the shell converts them before they reach the page.

import type { Event, TimestampedEvent as BoundEvent, TrainSettings as BoundSettings } from './shell/bindings';

export type {
  Caveat,
  Judgement,
  MistakeAt,
  Agreement,
  Decision,
  Operation,
  Reason,
  Often,
  RunPlan,
  CheckReport,
  ComputeDevice,
  Confusion,
  Convention,
  Decoding,
  DeviceCheck,
  DeviceKind,
  DeviceRefusal,
  Dialect,
  DocumentErrors,
  Entity,
  ExportLoss,
  FileReport,
  FindingGroup,
  Format,
  FormatName,
  Issue,
  IssueCode,
  Metrics,
  Mistake,
  MistakeKind,
  ModelSummary,
  Precision,
  PredictionFormat,
  Report,
  Schedule,
  Scheme,
  Scores,
  SettingField,
  Severity,
  Source,
  StorageKind,
  SplitReport,
  Target,
  TrainConfig,
} from './shell/bindings';

/** The engine's description of its settings and formats: titles, ranges and defaults. */
export {
  DEFAULT_SETTINGS,
  DIALECT_TITLES,
  FINDING_REASONS,
  FINDING_TITLES,
  FORMAT_TITLES,
  FORMATS,
  SETTINGS,
  TARGETS,
} from './shell/bindings';

/** With every setting; what an earlier version wrote may lack some. */
export type TrainSettings = Required<BoundSettings>;

/** An event of a run. `Event` is a type of the browser. */
export type RunEvent = Event;
export type TimestampedEvent = BoundEvent;

type Named<E extends RunEvent['event']> = Extract<RunEvent, { event: E }>;
export type StartedEvent = Named<'started'>;
export type StepEvent = Named<'step'>;
export type EvaluatedEvent = Named<'evaluated'>;
export type PreparingEvent = Named<'preparing'>;
export type FinishedEvent = Named<'finished'>;
export type StoppedEvent = Named<'stopped'>;
export type FailedEvent = Named<'failed'>;

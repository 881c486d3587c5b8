// The engine's own shapes, as the shell passes them on: generated, and given the names of single events here.
//
// One difference to the engine's files holds everywhere: offsets count UTF-16 units, as JavaScript
// strings do. The engine writes Unicode characters; the shell converts before anything reaches this side.

import type { Event, TimestampedEvent as BoundEvent, TrainSettings as BoundSettings } from './shell/bindings';

export type {
  CheckReport,
  ComputeDevice,
  Confusion,
  Convention,
  Decoding,
  DeviceCheck,
  DeviceKind,
  Dialect,
  DocumentErrors,
  Entity,
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
  Report,
  Schedule,
  Scheme,
  Scores,
  SettingField,
  Severity,
  Source,
  SplitReport,
  Target,
  TrainConfig,
} from './shell/bindings';

/** What the engine says of its settings: their words, ranges and defaults. */
export {
  DEFAULT_SETTINGS,
  DIALECT_TITLES,
  FINDING_TITLES,
  FORMAT_TITLES,
  FORMATS,
  SETTINGS,
  TARGETS,
} from './shell/bindings';

/** All of them; what an earlier version wrote may lack some. */
export type TrainSettings = Required<BoundSettings>;

/** What a run reports. `Event` is the browser's own. */
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

// The engine's own shapes, as the shell passes them on: generated, and given the names of single events here.
//
// One difference to the engine's files holds everywhere: offsets count UTF-16 units, as JavaScript
// strings do. The engine writes Unicode characters; the shell converts before anything reaches this side.

import type { RunEvent } from './shell/bindings';

export type {
  CheckReport, ComputeDevice, Confusion, Convention, Decoding, DocumentErrors, Entity, FileReport, Format, Issue, Metrics,
  Mistake, MistakeKind, ModelSummary, Report, RunEvent, Schedule, Scheme, Scores, Severity, Source, SplitReport, Stamped,
  TrainConfig, TrainSettings,
} from './shell/bindings';

type Named<E extends RunEvent['event']> = Extract<RunEvent, { event: E }>;
export type StartedEvent = Named<'started'>;
export type StepEvent = Named<'step'>;
export type EvaluatedEvent = Named<'evaluated'>;
export type FinishedEvent = Named<'finished'>;
export type StoppedEvent = Named<'stopped'>;
export type FailedEvent = Named<'failed'>;

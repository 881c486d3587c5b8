// A training run that looks like one: losses fall, the rate warms up and decays, scores saturate.

import type { DataDocument, RunRequest } from '../client';
import {
  DEFAULT_SETTINGS,
  type EvaluatedEvent,
  type Report,
  type RunEvent,
  type StepEvent,
  type TrainSettings,
} from '../contracts';
import { makeReport } from './report';
import { random, type Random } from './random';

const BYTES_PER_RUN = 610_000_000;
const SECONDS_PER_STEP = 0.52;

export interface Simulation {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly report: Report;
  started(id: string): RunEvent;
  /** The events of one optimiser step, counted from 1. */
  step(step: number): RunEvent[];
  finished(id: string): RunEvent;
  stopped(id: string, step: number): RunEvent;
}

/** `skill`: the F1, 0–1, that the run ends near. */
export function simulate(request: RunRequest, documents: Record<string, DataDocument[]>, skill = 0.84): Simulation {
  const settings = { ...DEFAULT_SETTINGS, ...request.settings };
  const batchSize = settings.batch_size ?? 8;
  const next = random(settings.seed * 7919 + batchSize);
  const windows = documents['train']?.length ?? 0;
  const stepsPerEpoch = Math.max(1, Math.ceil(windows / batchSize / settings.gradient_accumulation));
  const epochs = settings.epochs ?? Math.min(40, Math.max(4, Math.ceil(800 / stepsPerEpoch)));
  const steps = epochs * stepsPerEpoch;
  const scored = { dev: documents['dev'] ?? [], ...(documents['test']?.length ? { test: documents['test'] } : {}) };
  const report = makeReport(scored, skill, settings.seed);
  const labels = Object.keys(report.splits['dev']?.metrics.labels ?? {});
  let best = { f1: 0, step: 0 };

  return {
    steps,
    stepsPerEpoch,
    report,
    started: (id) => ({
      event: 'started',
      run: `/home/sam/tagsmith/runs/${id}`,
      config: {
        ...settings,
        model: `/home/sam/tagsmith/models/${request.model}`,
        train: `${request.data}/train.jsonl`,
        dev: `${request.data}/dev.jsonl`,
        test: null,
        epochs,
        learning_rate: settings.learning_rate ?? 5e-5,
      },
      documents: Object.fromEntries(Object.entries(documents).map(([split, docs]) => [split, docs.length])),
      windows,
      steps,
      done_steps: 0,
      parameters: 22_565_391,
      labels,
      device: settings.device === 'auto' ? 'cpu' : settings.device,
      forecast_bytes: BYTES_PER_RUN * 1.24,
    }),
    step: (step) => {
      const events: RunEvent[] = [stepEvent(step, steps, stepsPerEpoch, settings, next)];
      if (step % stepsPerEpoch === 0) {
        const scores = evaluated(step, stepsPerEpoch, report, next);
        if (scores.metrics.overall.f1 > best.f1) {
          best = { f1: scores.metrics.overall.f1, step };
          scores.best = true;
        }
        events.push(scores, { event: 'checkpoint', path: `checkpoints/${step}`, step });
      }
      return events;
    },
    finished: (id) => ({
      event: 'finished',
      report: `/home/sam/tagsmith/runs/${id}/report.json`,
      model: `/home/sam/tagsmith/runs/${id}/model`,
      best_f1: best.f1,
      best_step: best.step,
      seconds: steps * SECONDS_PER_STEP,
      peak_memory_bytes: BYTES_PER_RUN * 1.16,
    }),
    stopped: (id, step) => ({
      event: 'stopped',
      report: `/home/sam/tagsmith/runs/${id}/report.json`,
      model: `/home/sam/tagsmith/runs/${id}/model`,
      step,
      best_f1: best.f1,
    }),
  };
}

function stepEvent(step: number, steps: number, perEpoch: number, settings: TrainSettings, next: Random): StepEvent {
  const done = step / steps;
  const warm = Math.max(1e-9, settings.warmup_ratio);
  const falling = {
    linear: 1 - (done - warm) / (1 - warm),
    cosine: 0.5 + 0.5 * Math.cos((Math.PI * (done - warm)) / (1 - warm)),
    constant: 1,
    adaptive: Math.min(1, 3 * (1 - done)),
  };
  const rate =
    (settings.learning_rate ?? 5e-5) * (done < warm ? done / warm : falling[settings.schedule ?? 'adaptive']);
  return {
    event: 'step',
    step,
    epoch: step / perEpoch,
    loss: Math.max(0.008, 2.3 * Math.exp(-step / 70) + 0.35 * Math.exp(-step / 260) + 0.03) * (0.8 + next() * 0.4),
    lr: Math.max(0, rate),
    gradient_norm: 0.6 + next() * 1.8,
    tokens_per_second: 1180 + next() * 140,
    memory_bytes: BYTES_PER_RUN * (1 + Math.min(0.12, step / 2000) + next() * 0.01),
    eta_seconds: (steps - step) * SECONDS_PER_STEP,
  };
}

function evaluated(step: number, perEpoch: number, report: Report, next: Random): EvaluatedEvent {
  const epoch = step / perEpoch;
  const grown = (1 - Math.exp(-epoch / 4.5)) * (0.985 + next() * 0.03);
  const goal = report.splits['dev'] as NonNullable<Report['splits'][string]>;
  const less = <T extends { precision: number; recall: number; f1: number }>(scores: T): T => ({
    ...scores,
    precision: Math.min(1, scores.precision * grown),
    recall: Math.min(1, scores.recall * grown),
    f1: Math.min(1, scores.f1 * grown),
  });
  return {
    event: 'evaluated',
    split: 'dev',
    step,
    epoch,
    loss: goal.loss + Math.exp(-epoch / 3),
    best: false,
    metrics: {
      ...goal.metrics,
      overall: less(goal.metrics.overall),
      macro: less(goal.metrics.macro),
      labels: Object.fromEntries(Object.entries(goal.metrics.labels).map(([label, scores]) => [label, less(scores)])),
      token_accuracy: 0.7 + 0.27 * Math.min(1, grown),
    },
  };
}

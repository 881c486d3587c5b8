// The evaluation commands of the in-memory shell: documents are counted by the clock, then scored at once.

import { Failure, type DataDocument, type Evaluation, type EvaluationsClient } from '../client';
import type { Report } from '../contracts';
import { seedOf } from './random';
import { makeReport } from './report';
import type { FakeEvaluation, World } from './world';

/** A model scores a little worse on data that it was not trained on. */
const SKILL = 0.77;
const TICKS = 40;

export function evaluationCommands(world: World): EvaluationsClient {
  const of = (id: string): FakeEvaluation => {
    const found = world.evaluations.find((entry) => entry.evaluation.id === id);
    if (!found) throw new Failure('unknown-entry', `there is no evaluation \`${id}\` in the library`);
    return found;
  };
  const change = (entry: FakeEvaluation, changed: Partial<Evaluation>) => {
    entry.evaluation = { ...entry.evaluation, ...changed };
    for (const listener of world.listeners.evaluation) listener(entry.evaluation);
  };
  const halt = (entry: FakeEvaluation) => {
    if (entry.timer) clearInterval(entry.timer);
    entry.timer = null;
  };
  return {
    list: async () => world.evaluations.map((entry) => entry.evaluation),
    start: async (request) => {
      const data = world.data.find((entry) => entry.set.id === request.data);
      if (!data) throw new Failure('unknown-data', `there is no data set \`${request.data}\` in the library`);
      const splits = splitsOf(world, request);
      const { length } = Object.values(splits).flat();
      const entry: FakeEvaluation = {
        evaluation: {
          id: `evaluation-${Date.now()}-${world.evaluations.length + 1}`,
          ...request,
          data_name: data.set.name,
          created: new Date().toISOString(),
          status: 'running',
          preparing: null,
          done: 0,
          total: 0,
          f1: null,
          failure: null,
        },
        report: null,
        timer: null,
      };
      world.evaluations = [...world.evaluations, entry];
      entry.timer = setInterval(() => {
        const { done } = entry.evaluation;
        const next = Math.min(length, done + Math.max(1, Math.ceil(length / TICKS)));
        if (next < length) return change(entry, { done: next, total: length });
        halt(entry);
        entry.report = reportOf(request, splits);
        change(entry, { done: length, total: length, status: 'finished', ...f1Of(entry.report) });
      }, world.tick);
      return entry.evaluation;
    },
    cancel: async (id) => {
      const entry = of(id);
      halt(entry);
      change(entry, { status: 'cancelled' });
    },
    remove: async (id) => {
      const entry = of(id);
      halt(entry);
      world.evaluations = world.evaluations.filter((other) => other !== entry);
    },
    report: async (id) => {
      const { report } = of(id);
      if (!report) throw new Failure('no-report', 'this evaluation has no scores', 'score the model again');
      return report;
    },
    onChange: (listener) => {
      world.listeners.evaluation.add(listener);
      return () => world.listeners.evaluation.delete(listener);
    },
  };
}

/** A finished and a failed one, for a library in use. */
export function pastEvaluations(world: World): FakeEvaluation[] {
  const good = { model: 'tickets-longer', data: 'field-notes', split: 'all' as const };
  const splits = splitsOf(world, good);
  const report = reportOf(good, splits);
  const { length } = Object.values(splits).flat();
  const past = { data_name: 'Field notes', preparing: null, done: length, total: length };
  return [
    {
      evaluation: {
        id: 'evaluation-1',
        ...good,
        ...past,
        created: '2026-11-20T15:52:00Z',
        status: 'finished',
        ...f1Of(report),
        failure: null,
      },
      report,
      timer: null,
    },
    {
      evaluation: {
        id: 'evaluation-2',
        ...good,
        ...past,
        model: 'dslim/bert-base-NER',
        created: '2026-11-20T16:05:00Z',
        status: 'failed',
        done: 0,
        f1: null,
        failure: {
          code: 'labels',
          message: 'none of the labels of `field-notes` is one of this model’s',
          hint: 'choose data with the labels LOC, MISC, ORG and PER',
        },
      },
      report: null,
      timer: null,
    },
  ];
}

type Request = Parameters<EvaluationsClient['start']>[0];

/** Each split is scored on its own. */
function splitsOf(world: World, { data, split }: Request): Record<string, DataDocument[]> {
  const documents = world.data.find((entry) => entry.set.id === data)?.documents ?? {};
  return split === 'all' ? documents : { [split]: documents[split] ?? [] };
}

function reportOf({ model }: Request, splits: Record<string, DataDocument[]>): Report {
  return makeReport(splits, SKILL, seedOf(model) % 1000);
}

/** Of several splits, the one that nothing was learned from, as the shell has it. */
function f1Of({ splits }: Report): Pick<Evaluation, 'f1' | 'f1_split'> {
  const f1_split = (['test', 'dev', 'train'] as const).find((name) => splits[name]) ?? null;
  return { f1: f1_split && (splits[f1_split]?.metrics.overall.f1 ?? null), f1_split };
}

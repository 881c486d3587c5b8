// The events of one run, as the charts and the log show them: each once, though history and live events overlap.
//
// A long run has a hundred thousand steps and reports them several times a second. Steps are therefore added
// one by one to a series that is thinned out; only the events that the log lists are kept in full.

import type {
  EvaluatedEvent,
  FailedEvent,
  PreparingEvent,
  TimestampedEvent,
  StartedEvent,
  StepEvent,
} from '../client/contracts';
import { Loadable } from './loadable.svelte';
import { StepSeries } from './series';

type Timed<E> = E & { time: string };

/** Milliseconds between two updates of the screen: each draws charts, on the processor that trains. */
export const FLUSH_INTERVAL = 500;

export class RunLog {
  /** The events before the window opened; the value is how many there were. */
  history = new Loadable<number>();
  started = $state.raw<StartedEvent | undefined>(undefined);
  /** The newest step. */
  step = $state.raw<StepEvent | undefined>(undefined);
  /** Progress of the preparation of its GPU, while that is under way. */
  preparing = $state.raw<PreparingEvent | undefined>(undefined);
  /** The newest event of any kind. */
  newest = $state.raw<TimestampedEvent['event'] | undefined>(undefined);
  /** The dev scores. */
  scores = $state.raw<readonly Timed<EvaluatedEvent>[]>([]);
  /** How it failed, unless it has been resumed since. */
  failed = $state.raw<FailedEvent | undefined>(undefined);
  /** The lines of the log: everything but the steps. */
  entries = $state.raw<readonly TimestampedEvent[]>([]);
  #steps = new StepSeries();
  #version = $state(0);
  /** The steps as the charts draw them. */
  steps = $derived.by(() => {
    void this.#version;
    return this.#steps.columns();
  });
  #seen = new Set<string>();
  #pending: TimestampedEvent[] = [];
  #requestId = 0;
  // eslint-disable-next-line no-unused-private-class-members -- `??=` reads it, which the rule does not see.
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #request: () => Promise<TimestampedEvent[]>;

  constructor(request: () => Promise<TimestampedEvent[]>) {
    this.#request = request;
  }

  /** Loads the history the first time; later calls do nothing. */
  open(): void {
    if (this.history.status === 'idle') void this.reload();
  }

  async reload(): Promise<void> {
    await this.history.load(async () => {
      // The response covers everything up to now: only later events have to wait for it.
      this.#pending = [];
      const requestId = ++this.#requestId;
      const past = await this.#request();
      // A newer request was made in the meantime: the events that this response lacks are no longer kept.
      if (requestId !== this.#requestId) return past.length;
      this.#clear();
      this.#take([...past, ...this.#pending]);
      this.#pending = [];
      return past.length;
    });
  }

  /** Events arrive faster than a screen needs them, so they are shown in batches, twice a second. */
  add(event: TimestampedEvent): void {
    if (this.history.status !== 'ready') {
      // The charts are not open yet, but the progress of the run shows everywhere.
      if (event.event === 'step') this.step = event;
      if (event.event === 'preparing') this.preparing = event;
      if (this.history.status === 'busy') this.#pending.push(event);
      return;
    }
    this.#pending.push(event);
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      if (this.history.status !== 'ready') return;
      const pending = this.#pending;
      this.#pending = [];
      this.#take(pending);
    }, FLUSH_INTERVAL);
  }

  #clear(): void {
    this.#seen = new Set();
    this.#steps = new StepSeries();
    [this.scores, this.entries] = [[], []];
    [this.started, this.step, this.failed, this.newest, this.preparing] = [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ];
  }

  #take(events: readonly TimestampedEvent[]): void {
    let [scores, entries] = [[...this.scores], [...this.entries]];
    let [step, newest, logged, preparing] = [this.step, this.newest, false, this.preparing];
    for (const event of events) {
      const key = keyOf(event);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      newest = event.event;
      preparing = event.event === 'preparing' && event.done !== event.total ? event : undefined;
      if (event.event === 'step') {
        // A GPU may run out of memory unnoticed; the engine then rolls back to the last good state.
        if (step && event.step <= step.step) this.#steps.cutAfter(event.step - 1);
        step = event;
        this.#steps.add(event);
        continue;
      }
      logged = true;
      if (event.event === 'started') {
        // The engine resumes from its last checkpoint: the steps after it are repeated.
        this.#steps.cutAfter(event.done_steps);
        const stays = (other: TimestampedEvent) => other.event !== 'evaluated' || other.step <= event.done_steps;
        [scores, entries] = [scores.filter(stays), entries.filter(stays)];
        if (step && step.step > event.done_steps) step = undefined;
        this.started = event;
        this.failed = undefined;
      }
      if (event.event === 'evaluated' && event.split === 'dev') scores.push(event);
      if (event.event === 'failed') this.failed = event;
      // One line for each stage of a preparation is enough.
      const last = entries.at(-1);
      if (event.event === 'preparing' && last?.event === 'preparing' && last.stage === event.stage) continue;
      entries.push(event);
    }
    this.step = step;
    this.newest = newest;
    this.preparing = preparing;
    if (logged) [this.scores, this.entries] = [scores, entries];
    this.#version += 1;
  }
}

function keyOf(event: TimestampedEvent): string {
  return `${event.time} ${event.event} ${'step' in event ? event.step : ''} ${'split' in event ? event.split : ''} ${event.event === 'warning' ? event.message : ''}`;
}

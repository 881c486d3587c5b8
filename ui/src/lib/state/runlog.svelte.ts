// What happened in one run, as charts and the log show it: each event once, though past and news overlap.
//
// A long run has a hundred thousand steps and tells of them ten times a second. Steps are therefore taken in
// one by one and kept thinned out; only what is told in words is kept whole.

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

/** Milliseconds between two looks at what came. */
const BEAT = 100;

export class RunLog {
  /** The past; the value is how many events it had. */
  past = new Loadable<number>();
  started = $state.raw<StartedEvent | undefined>(undefined);
  /** The newest step. */
  step = $state.raw<StepEvent | undefined>(undefined);
  /** How far the preparation of its GPU is, while that goes on. */
  preparing = $state.raw<PreparingEvent | undefined>(undefined);
  /** The newest event of any kind. */
  newest = $state.raw<TimestampedEvent['event'] | undefined>(undefined);
  /** The dev scores. */
  scores = $state.raw<readonly Timed<EvaluatedEvent>[]>([]);
  /** How it failed, unless it went on since. */
  failed = $state.raw<FailedEvent | undefined>(undefined);
  /** What is worth a line for people: everything but the steps. */
  told = $state.raw<readonly TimestampedEvent[]>([]);
  #steps = new StepSeries();
  #version = $state(0);
  loss = $derived.by(() => this.#drawn(() => this.#steps.loss()));
  rate = $derived.by(() => this.#drawn(() => this.#steps.rate()));
  #seen = new Set<string>();
  #waiting: TimestampedEvent[] = [];
  #turn = 0;
  // eslint-disable-next-line no-unused-private-class-members -- `??=` reads it, which the rule does not see.
  #beat: ReturnType<typeof setTimeout> | undefined;
  #ask: () => Promise<TimestampedEvent[]>;

  constructor(ask: () => Promise<TimestampedEvent[]>) {
    this.#ask = ask;
  }

  /** Asks for the past once; asking again does nothing until a failure is retried. */
  open(): void {
    if (this.past.status === 'idle') void this.reload();
  }

  async reload(): Promise<void> {
    await this.past.load(async () => {
      // The answer knows everything up to now: only what comes from here on has to wait for it.
      this.#waiting = [];
      const turn = ++this.#turn;
      const past = await this.#ask();
      // Asked again in the meantime: what this answer lacks is no longer kept.
      if (turn !== this.#turn) return past.length;
      this.#clear();
      this.#take([...past, ...this.#waiting]);
      this.#waiting = [];
      return past.length;
    });
  }

  /** Events come faster than a screen needs them: they are shown together, ten times a second. */
  add(event: TimestampedEvent): void {
    if (this.past.status !== 'ready') {
      // Nobody looks at the curves yet, but how far the run is shows everywhere.
      if (event.event === 'step') this.step = event;
      if (event.event === 'preparing') this.preparing = event;
      if (this.past.status === 'busy') this.#waiting.push(event);
      return;
    }
    this.#waiting.push(event);
    this.#beat ??= setTimeout(() => {
      this.#beat = undefined;
      if (this.past.status !== 'ready') return;
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#take(waiting);
    }, BEAT);
  }

  #drawn<C>(columns: () => C): C {
    void this.#version;
    return columns();
  }

  #clear(): void {
    this.#seen = new Set();
    this.#steps = new StepSeries();
    [this.scores, this.told] = [[], []];
    [this.started, this.step, this.failed, this.newest, this.preparing] = [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ];
  }

  #take(events: readonly TimestampedEvent[]): void {
    let [scores, told] = [[...this.scores], [...this.told]];
    let [step, newest, worded, preparing] = [this.step, this.newest, false, this.preparing];
    for (const event of events) {
      const key = keyOf(event);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      newest = event.event;
      preparing = event.event === 'preparing' && event.done !== event.total ? event : undefined;
      if (event.event === 'step') {
        // Where memory ran out unnoticed, a run goes back to its last good state by itself.
        if (step && event.step <= step.step) this.#steps.cutAfter(event.step - 1);
        step = event;
        this.#steps.add(event);
        continue;
      }
      worded = true;
      if (event.event === 'started') {
        // The engine goes on from its last checkpoint: the steps since then come once more.
        this.#steps.cutAfter(event.done_steps);
        const stays = (other: TimestampedEvent) => other.event !== 'evaluated' || other.step <= event.done_steps;
        [scores, told] = [scores.filter(stays), told.filter(stays)];
        if (step && step.step > event.done_steps) step = undefined;
        this.started = event;
        this.failed = undefined;
      }
      if (event.event === 'evaluated' && event.split === 'dev') scores.push(event);
      if (event.event === 'failed') this.failed = event;
      // That a preparation began says enough.
      const last = told.at(-1);
      if (event.event === 'preparing' && last?.event === 'preparing' && last.stage === event.stage) continue;
      told.push(event);
    }
    this.step = step;
    this.newest = newest;
    this.preparing = preparing;
    if (worded) [this.scores, this.told] = [scores, told];
    this.#version += 1;
  }
}

function keyOf(event: TimestampedEvent): string {
  return `${event.time} ${event.event} ${'step' in event ? event.step : ''} ${'split' in event ? event.split : ''} ${event.event === 'warning' ? event.message : ''}`;
}

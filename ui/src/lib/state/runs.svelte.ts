// All runs, and for those looked at, their events as series that charts can draw.

import type { Client, Run } from '../client/client';
import type { EvaluatedEvent, FailedEvent, Stamped, StartedEvent, StepEvent } from '../client/contracts';
import { Loadable } from './loadable.svelte';

export class Runs {
  list = new Loadable<Run[]>();
  running = $derived(this.list.value?.find((run) => run.status === 'running'));
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  #client: Client;
  #logs = new Map<string, RunLog>();

  constructor(client: Client, ended: (run: Run) => void) {
    this.#client = client;
    client.runs.onChange((run) => {
      const before = this.list.value?.find((other) => other.id === run.id);
      this.put(run);
      if (before?.status === 'running' && run.status !== 'running') ended(run);
    });
    client.runs.onEvent((id, event) => this.#logs.get(id)?.add(event));
  }

  load(): Promise<Run[] | undefined> {
    return this.list.load(() => this.#client.runs.list());
  }

  get(id: string): Run | undefined {
    return this.list.value?.find((run) => run.id === id);
  }

  put(run: Run): void {
    const others = this.list.value ?? [];
    const known = others.some((other) => other.id === run.id);
    this.list.set(known ? others.map((other) => (other.id === run.id ? run : other)) : [...others, run]);
  }

  drop(id: string): void {
    this.#logs.delete(id);
    this.list.set((this.list.value ?? []).filter((run) => run.id !== id));
  }

  /** The events of a run; loaded once, then kept up to date. */
  log(id: string): RunLog {
    let log = this.#logs.get(id);
    if (!log) {
      log = new RunLog(() => this.#client.runs.events(id));
      this.#logs.set(id, log);
    }
    return log;
  }
}

export class RunLog {
  past = new Loadable<Stamped[]>();
  /** Every event, in order; replaced as a whole, since a long run has tens of thousands. */
  events = $state.raw<readonly Stamped[]>([]);
  started = $derived(last<StartedEvent>(this.events, 'started'));
  step = $derived(last<StepEvent>(this.events, 'step'));
  steps = $derived(this.events.filter((event): event is StepEvent & { time: string } => event.event === 'step'));
  scores = $derived(this.events.filter((event): event is EvaluatedEvent & { time: string } => event.event === 'evaluated' && event.split === 'dev'));
  failed = $derived(last<FailedEvent>(this.events, 'failed'));
  /** What is worth a line for people: everything but the steps. */
  told = $derived(this.events.filter((event) => event.event !== 'step'));
  #waiting: Stamped[] = [];
  #beat: ReturnType<typeof setTimeout> | undefined;
  #ask: () => Promise<Stamped[]>;

  constructor(ask: () => Promise<Stamped[]>) {
    this.#ask = ask;
  }

  /** Asks for the past once; asking again does nothing until a failure is retried. */
  open(): void {
    if (this.past.status === 'idle') void this.reload();
  }

  async reload(): Promise<void> {
    await this.past.load(async () => {
      const past = await this.#ask();
      // What came in the meantime stays; what both know is shown once.
      const seen = new Set(past.map(keyOf));
      this.events = [...past, ...this.events.filter((event) => !seen.has(keyOf(event)))];
      return past;
    });
  }

  /** Events come faster than a screen needs them: they are shown together, ten times a second. */
  add(event: Stamped): void {
    this.#waiting.push(event);
    this.#beat ??= setTimeout(() => {
      this.#beat = undefined;
      this.events = [...this.events, ...this.#waiting];
      this.#waiting = [];
    }, 100);
  }
}

function keyOf(event: Stamped): string {
  return `${event.event} ${'step' in event ? event.step : ''} ${'split' in event ? event.split : ''} ${event.event === 'warning' ? event.message : ''}`;
}

function last<T extends { event: string }>(events: readonly Stamped[], kind: T['event']): T | undefined {
  return events.findLast((event) => event.event === kind) as T | undefined;
}

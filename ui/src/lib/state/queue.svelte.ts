// The queue, kept up to date by the shell's events.

import type { Client, QueueEntry, QueueState } from '../client/client';
import { strings } from '../strings';
import { Loadable } from './loadable.svelte';

const LOOKS: Partial<Record<QueueEntry['status'], string>> = {
  running: 'accent',
  pausing: 'accent',
  paused: 'warn',
  failed: 'bad',
};

export function isGoing({ status }: QueueEntry): boolean {
  return status === 'running' || status === 'pausing';
}

/** How an entry stands, in a word and a colour. */
export function standingOf({ status }: QueueEntry): { chip: string; look: string } {
  return { chip: strings.queue.status[status], look: LOOKS[status] ?? '' };
}

export class Queue {
  state = new Loadable<QueueState>();
  /** In the order in which they begin; what runs has begun. */
  entries = $derived<QueueEntry[]>((this.state.value?.entries ?? []).toSorted((a, b) => +isGoing(b) - +isGoing(a)));
  /** Those whose turn will come by itself. */
  waiting = $derived(this.entries.filter(({ status }) => status === 'waiting' || status === 'stopped'));
  /** Those that wait for a person. */
  paused = $derived(this.entries.filter(({ status }) => status === 'paused'));
  failed = $derived(this.entries.filter(({ status }) => status === 'failed'));
  /** Something of it runs, or will as soon as it can. */
  busy = $derived.by(() => {
    const { state } = this;
    return this.entries.some(isGoing) || (this.waiting.length > 0 && !state.value?.asks && !state.value?.failure);
  });
  #client: Client;

  constructor(client: Client) {
    this.#client = client;
    client.queue.onChange((state) => this.state.set(state));
  }

  /** What the queue has of a run, a study or a pretraining. */
  entryOf(target: string): QueueEntry | undefined {
    return this.entries.find((entry) => entry.target === target);
  }

  /** How a run, a study or a pretraining stands that is stopped only until the queue continues it. */
  standing({ id, status }: { id: string; status: string }): { chip: string; look: string } | undefined {
    const entry = status === 'stopped' ? this.entryOf(id) : undefined;
    return entry && entry.status !== 'failed' ? standingOf(entry) : undefined;
  }

  load(): Promise<QueueState | undefined> {
    return this.state.load(() => this.#client.queue.state());
  }
}

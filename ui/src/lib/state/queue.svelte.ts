// The queue, kept up to date by the shell's events.

import type { Client, QueueEntry, QueueState } from '../client/client';
import { Loadable } from './loadable.svelte';

export class Queue {
  state = new Loadable<QueueState>();
  entries = $derived<QueueEntry[]>(this.state.value?.entries ?? []);
  /** Those whose turn will come by itself. */
  waiting = $derived(this.entries.filter(({ status }) => status === 'waiting' || status === 'stopped'));
  /** Those that wait for a person. */
  held = $derived(this.entries.filter(({ status }) => status === 'paused' || status === 'failed'));
  /** Something of it runs, or will as soon as it can. */
  busy = $derived.by(() => {
    const { state } = this;
    const going = this.entries.some(({ status }) => status === 'running' || status === 'pausing');
    return going || (this.waiting.length > 0 && !state.value?.asks && !state.value?.failure);
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

  load(): Promise<QueueState | undefined> {
    return this.state.load(() => this.#client.queue.state());
  }
}

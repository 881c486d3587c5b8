// Pretraining on text without labels: the list, kept up to date by the shell's events.

import type { Client, Pretraining } from '../client/client';
import { LiveList } from './live-list.svelte';

export class Pretrainings {
  list = new LiveList<Pretraining>();
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  running = $derived(this.sorted.find((pretraining) => pretraining.status === 'running'));
  #client: Client;

  constructor(client: Client, ended: (pretraining: Pretraining) => void) {
    this.#client = client;
    client.pretraining.onChange((pretraining) => {
      const before = this.get(pretraining.id);
      this.list.put(pretraining);
      if (before?.status === 'running' && pretraining.status !== 'running') ended(pretraining);
    });
  }

  load(): Promise<Pretraining[] | undefined> {
    return this.list.load(() => this.#client.pretraining.list());
  }

  get(id: string): Pretraining | undefined {
    return this.list.get(id);
  }

  /** For what a start command returned: its events may have arrived first. */
  add(pretraining: Pretraining): void {
    this.list.add(pretraining);
  }

  drop(id: string): void {
    this.list.drop(id);
  }
}

// Files that a model tags: the list, kept up to date by the shell's events.

import type { Batch, Client } from '../client/client';
import { LiveList } from './live-list.svelte';

export function isUnderWay({ status }: Batch): boolean {
  return status === 'reading' || status === 'tagging' || status === 'indexing';
}

export class Batches {
  list = new LiveList<Batch>();
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  underWay = $derived(this.sorted.filter(isUnderWay));
  running = $derived(this.underWay[0]);
  #client: Client;

  constructor(client: Client, ended: (batch: Batch) => void) {
    this.#client = client;
    client.batches.onChange((batch) => {
      const before = this.get(batch.id);
      this.list.put(batch);
      if (before && isUnderWay(before) && !isUnderWay(batch)) ended(batch);
    });
  }

  load(): Promise<Batch[] | undefined> {
    return this.list.load(() => this.#client.batches.list());
  }

  get(id: string): Batch | undefined {
    return this.list.get(id);
  }

  /** For the batch that a start command returned: its events may have arrived first. */
  add(batch: Batch): void {
    this.list.add(batch);
  }

  drop(id: string): void {
    this.list.drop(id);
  }
}

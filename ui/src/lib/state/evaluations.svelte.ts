// Models scored on other data: the list, kept up to date by the shell's events.

import type { Client, Evaluation } from '../client/client';
import { LiveList } from './live-list.svelte';

export class Evaluations {
  list = new LiveList<Evaluation>();
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  running = $derived(this.sorted.filter((evaluation) => evaluation.status === 'running'));
  #client: Client;

  constructor(client: Client, ended: (evaluation: Evaluation) => void) {
    this.#client = client;
    client.evaluations.onChange((evaluation) => {
      const before = this.get(evaluation.id);
      this.list.put(evaluation);
      if (before?.status === 'running' && evaluation.status !== 'running') ended(evaluation);
    });
  }

  load(): Promise<Evaluation[] | undefined> {
    return this.list.load(() => this.#client.evaluations.list());
  }

  get(id: string): Evaluation | undefined {
    return this.list.get(id);
  }

  /** For the evaluation that a start command returned: its events may have arrived first. */
  add(evaluation: Evaluation): void {
    this.list.add(evaluation);
  }

  drop(id: string): void {
    this.list.drop(id);
  }
}

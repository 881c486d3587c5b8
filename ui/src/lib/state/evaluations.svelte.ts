// Models scored on other data: the list, kept up to date by what the shell tells.

import type { Client, Evaluation } from '../client/client';
import { Loadable } from './loadable.svelte';

export class Evaluations {
  list = new Loadable<Evaluation[]>();
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  running = $derived(this.sorted.filter((evaluation) => evaluation.status === 'running'));
  #client: Client;

  constructor(client: Client, ended: (evaluation: Evaluation) => void) {
    this.#client = client;
    client.evaluations.onChange((evaluation) => {
      const before = this.get(evaluation.id);
      this.put(evaluation);
      if (before?.status === 'running' && evaluation.status !== 'running') ended(evaluation);
    });
  }

  load(): Promise<Evaluation[] | undefined> {
    return this.list.load(() => this.#client.evaluations.list());
  }

  get(id: string): Evaluation | undefined {
    return this.list.value?.find((evaluation) => evaluation.id === id);
  }

  put(evaluation: Evaluation): void {
    const others = this.list.value ?? [];
    const known = others.some((other) => other.id === evaluation.id);
    this.list.set(known ? others.map((other) => (other.id === evaluation.id ? evaluation : other)) : [...others, evaluation]);
  }

  drop(id: string): void {
    this.list.set((this.list.value ?? []).filter((evaluation) => evaluation.id !== id));
  }
}

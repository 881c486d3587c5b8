// Several seeds and searches: the list, kept up to date by the shell's events.

import type { Client, Study } from '../client/client';
import { LiveList } from './live-list.svelte';

export class Studies {
  list = new LiveList<Study>();
  running = $derived(this.list.value?.find((study) => study.status === 'running'));
  #client: Client;

  constructor(client: Client, ended: (study: Study) => void) {
    this.#client = client;
    client.studies.onChange((study) => {
      const before = this.get(study.id);
      this.list.put(study);
      if (before?.status === 'running' && study.status !== 'running') ended(study);
    });
  }

  load(): Promise<Study[] | undefined> {
    return this.list.load(() => this.#client.studies.list());
  }

  get(id: string): Study | undefined {
    return this.list.get(id);
  }

  /** For the study that a start command returned: its events may have arrived first. */
  add(study: Study): void {
    this.list.add(study);
  }

  drop(id: string): void {
    this.list.drop(id);
  }
}

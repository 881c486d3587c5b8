// All runs, kept up to date by what the shell tells, and the logs of those looked at.

import type { Client, Run } from '../client/client';
import { LiveList } from './live-list.svelte';
import { RunLog } from './runlog.svelte';

/** Who has to know when a run ended, or has another model than before. */
export interface RunNews {
  ended?: (run: Run) => void;
  remade?: (run: Run) => void;
}

export class Runs {
  list = new LiveList<Run>();
  running = $derived(this.list.value?.find((run) => run.status === 'running'));
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  #client: Client;
  #logs = new Map<string, RunLog>();

  constructor(client: Client, { ended, remade }: RunNews) {
    this.#client = client;
    client.runs.onChange((run) => {
      const before = this.get(run.id);
      this.list.tell(run);
      const over = before?.status === 'running' && run.status !== 'running';
      if (over) ended?.(run);
      if (run.has_model && before && (over || !before.has_model || before.best_f1 !== run.best_f1)) remade?.(run);
    });
    client.runs.onEvent((id, event) => this.#logs.get(id)?.add(event));
  }

  load(): Promise<Run[] | undefined> {
    return this.list.load(() => this.#client.runs.list());
  }

  get(id: string): Run | undefined {
    return this.list.get(id);
  }

  /** The answer to a start: news of the run may have been quicker. */
  add(run: Run): void {
    this.list.add(run);
  }

  drop(id: string): void {
    this.#logs.delete(id);
    this.list.drop(id);
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

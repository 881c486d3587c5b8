// All runs, kept up to date by the shell's events, and the logs of those that were opened.

import type { Client, Run } from '../client/client';
import { strings } from '../strings';
import { LiveList } from './live-list.svelte';
import { RunLog } from './runlog.svelte';

/** Called when a run ended, and when its model changed. */
export interface RunListeners {
  ended?: (run: Run) => void;
  modelChanged?: (run: Run) => void;
}

/** Where a run was stopped, before the end that it would have had. */
export function stoppedEarly({ status, step, steps }: Run): { step: number; steps: number } | undefined {
  return status === 'stopped' && step < steps ? { step, steps } : undefined;
}

/** It came to its end, and not one entity is right. */
export function hasLearnedNothing(run: Run): boolean {
  return run.status === 'finished' && (run.test_f1 ?? run.best_f1) === 0;
}

/** How a run stands, in a word and a colour. */
export function standing(run: Run): { chip: string; look: string } {
  const words = strings.train;
  if (hasLearnedNothing(run)) return { chip: words.learnedNothing, look: 'warn' };
  const looks = { running: 'accent', finished: 'good', stopped: 'warn', failed: 'bad' };
  return { chip: words.status[run.status], look: looks[run.status] };
}

export class Runs {
  list = new LiveList<Run>();
  running = $derived(this.list.value?.find((run) => run.status === 'running'));
  /** Newest first, as people look for them. */
  sorted = $derived([...(this.list.value ?? [])].sort((a, b) => b.created.localeCompare(a.created)));
  #client: Client;
  #logs = new Map<string, RunLog>();

  constructor(client: Client, { ended, modelChanged }: RunListeners) {
    this.#client = client;
    client.runs.onChange((run) => {
      const before = this.get(run.id);
      this.list.put(run);
      const over = before?.status === 'running' && run.status !== 'running';
      if (over) ended?.(run);
      if (run.has_model && before && (over || !before.has_model || before.best_f1 !== run.best_f1)) modelChanged?.(run);
    });
    client.runs.onEvent((id, event) => this.#logs.get(id)?.add(event));
  }

  load(): Promise<Run[] | undefined> {
    return this.list.load(() => this.#client.runs.list());
  }

  get(id: string): Run | undefined {
    return this.list.get(id);
  }

  /** For the run that a start command returned: its events may have arrived first. */
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

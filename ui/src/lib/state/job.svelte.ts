// A long task: whether it is running, its progress, and how to cancel it. A new task cancels the previous one.

import { SvelteSet } from 'svelte/reactivity';
import type { Client, Progress } from '../client/client';
import type { Failure } from '../client/client';
import { asFailure } from './loadable.svelte';

let numbers = 0;

/** Work that a person would miss: what is only looked at can be looked at again. */
export type JobKind = 'import' | 'export' | 'repair';
const jobs = new SvelteSet<Job>();

/** The kinds that run now, wherever in the window. */
export function jobsUnderWay(): JobKind[] {
  return [...new Set([...jobs].flatMap(({ kind }) => kind ?? []))];
}

export class Job {
  busy = $state(false);
  progress = $state.raw<Progress | null>(null);
  failure = $state.raw<Failure | undefined>(undefined);
  /** The user stopped it. */
  cancelled = $state(false);
  #client: Client;
  #job = '';

  constructor(
    client: Client,
    readonly kind?: JobKind,
  ) {
    this.#client = client;
  }

  /** The result, or nothing if the task failed, was cancelled, or was replaced by a newer one. */
  async run<T>(action: (job: string) => Promise<T>): Promise<T | undefined> {
    this.#end();
    // The time keeps the names of two windows apart.
    const job = (this.#job = `${Date.now().toString(36)}-${++numbers}`);
    this.busy = true;
    jobs.add(this);
    this.progress = null;
    this.failure = undefined;
    this.cancelled = false;
    const unsubscribe = this.#client.data.onProgress((progress) => {
      if (progress.job === job && this.#job === job) this.progress = progress;
    });
    try {
      const answer = await action(job);
      return this.#job === job ? answer : undefined;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (this.#job === job && failure.code !== 'cancelled') this.failure = failure;
      return undefined;
    } finally {
      unsubscribe();
      if (this.#job === job) {
        this.busy = false;
        jobs.delete(this);
        this.#job = '';
      }
    }
  }

  cancel(): void {
    if (!this.busy) return;
    this.#end();
    this.busy = false;
    jobs.delete(this);
    this.cancelled = true;
  }

  #end(): void {
    const job = this.#job;
    this.#job = '';
    // A task that has just finished can no longer be cancelled, which is fine.
    if (job) void this.#client.data.cancel(job).catch(() => {});
  }
}

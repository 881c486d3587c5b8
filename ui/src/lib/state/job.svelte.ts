// A long piece of work: whether it goes on, how far it is, and its cancel. A new one ends the one before.

import type { Client, Progress } from '../client/client';
import type { Failure } from '../client/client';
import { asFailure } from './loadable.svelte';

let numbers = 0;

export class Job {
  busy = $state(false);
  progress = $state.raw<Progress | null>(null);
  failure = $state.raw<Failure | undefined>(undefined);
  /** The person stopped it. */
  cancelled = $state(false);
  #client: Client;
  #job = '';

  constructor(client: Client) {
    this.#client = client;
  }

  /** The answer, or nothing where it was refused, cancelled or overtaken. */
  async run<T>(action: (job: string) => Promise<T>): Promise<T | undefined> {
    this.#end();
    // The time keeps names apart that two windows give.
    const job = (this.#job = `${Date.now().toString(36)}-${++numbers}`);
    this.busy = true;
    this.progress = null;
    this.failure = undefined;
    this.cancelled = false;
    const deaf = this.#client.data.onProgress((progress) => {
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
      deaf();
      if (this.#job === job) {
        this.busy = false;
        this.#job = '';
      }
    }
  }

  cancel(): void {
    if (!this.busy) return;
    this.#end();
    this.busy = false;
    this.cancelled = true;
  }

  #end(): void {
    const job = this.#job;
    this.#job = '';
    // Work that is over by now cannot be cancelled, which is as good.
    if (job) void this.#client.data.cancel(job).catch(() => {});
  }
}

// A value that is requested: idle, loading, failed or ready. The newest request wins.

import { Failure } from '../client/client';

export type LoadStatus = 'idle' | 'busy' | 'failed' | 'ready';

export class Loadable<T> {
  status = $state<LoadStatus>('idle');
  value = $state.raw<T | undefined>(undefined);
  failure = $state.raw<Failure | undefined>(undefined);
  #requestId = 0;
  #lastRequest: (() => Promise<T>) | undefined;

  /** Keeps showing the old value while a new one loads, unless `fresh`. */
  async load(request: () => Promise<T>, fresh = false): Promise<T | undefined> {
    const requestId = ++this.#requestId;
    this.#lastRequest = request;
    if (fresh) this.value = undefined;
    this.status = this.value === undefined ? 'busy' : 'ready';
    try {
      const value = await request();
      if (requestId !== this.#requestId) return undefined;
      this.value = value;
      this.failure = undefined;
      this.status = 'ready';
      return value;
    } catch (failure) {
      if (requestId !== this.#requestId) return undefined;
      this.failure = asFailure(failure);
      this.status = 'failed';
      return undefined;
    }
  }

  async retry(): Promise<void> {
    if (this.#lastRequest) await this.load(this.#lastRequest, true);
  }

  /** Replaces the value without a request: a response that is still pending is older and is dropped. */
  set(value: T): void {
    this.#requestId += 1;
    this.value = value;
    this.failure = undefined;
    this.status = 'ready';
  }
}

/** Turns whatever was thrown into a failure that can be shown. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure('unexpected', thrown instanceof Error ? thrown.message : String(thrown));
}

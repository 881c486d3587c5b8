// Something that is asked for: absent, on its way, refused, or here. The newest request wins.

import { Failure } from '../client/client';

export type LoadStatus = 'idle' | 'busy' | 'failed' | 'ready';

export class Loadable<T> {
  status = $state<LoadStatus>('idle');
  value = $state.raw<T | undefined>(undefined);
  failure = $state.raw<Failure | undefined>(undefined);
  #turn = 0;
  #last: (() => Promise<T>) | undefined;

  /** Keeps the old value on show while a new one is on its way, unless `fresh`. */
  async load(ask: () => Promise<T>, fresh = false): Promise<T | undefined> {
    const turn = ++this.#turn;
    this.#last = ask;
    if (fresh) this.value = undefined;
    this.status = this.value === undefined ? 'busy' : 'ready';
    try {
      const value = await ask();
      if (turn !== this.#turn) return undefined;
      this.value = value;
      this.failure = undefined;
      this.status = 'ready';
      return value;
    } catch (failure) {
      if (turn !== this.#turn) return undefined;
      this.failure = asFailure(failure);
      this.status = 'failed';
      return undefined;
    }
  }

  async retry(): Promise<void> {
    if (this.#last) await this.load(this.#last, true);
  }

  /** Replaces the value without asking: an answer that is still on its way is older and dropped. */
  set(value: T): void {
    this.#turn += 1;
    this.value = value;
    this.failure = undefined;
    this.status = 'ready';
  }
}

/** Whatever was thrown, as something that can be shown. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure('unexpected', thrown instanceof Error ? thrown.message : String(thrown));
}

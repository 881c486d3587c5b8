// The toasts in the corner of the window: what just happened, or went wrong.

import type { Failure } from '../client/client';
import { explain } from '../shared/explain';

export interface Toast {
  id: number;
  kind: 'success' | 'error';
  text: string;
  /** More lines: why, and what helps. */
  more: string[];
  /** What the engine says of an error in English. */
  original: string | null;
  /** When it appeared, in milliseconds. */
  at: number;
  /** What the user can do about it, for instance undo it; `isDone` says that it was done in another way. */
  action?: { title: string; run: () => void; isDone?: () => boolean };
}

/** So many at once, errors and the rest together. */
const MOST = 3;
/** After so many milliseconds a person has seen an error, and what they do next is an answer to it. */
const SEEN = 1000;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #last = 0;

  success(text: string, action?: Toast['action']): void {
    // Only the last change can be undone, so earlier offers to undo go.
    if (action) this.withdraw();
    this.#add({ kind: 'success', text, more: [], original: null, ...(action ? { action } : {}) });
  }

  error(text: string, hint: string | null): void {
    this.#error(text, [hint], null);
  }

  /** Says why something failed; `title` says what, where that is not plain. */
  failed(failure: Pick<Failure, 'code' | 'message' | 'hint'>, title?: string): void {
    const { what, next, original } = explain(failure);
    if (title === undefined) this.#error(what, [next], original);
    else this.#error(title, [what, next], original);
  }

  /** Takes offers back, once what they would do has been done in another way. */
  withdraw(): void {
    this.list = this.list.filter((toast) => !toast.action);
  }

  /** A dialog that opens must not be covered by success toasts. */
  clearSuccess(): void {
    this.list = this.list.filter((toast) => toast.kind === 'error');
  }

  /** The screen is left: its errors and offers are of no use on another; plain successes end by themselves. */
  leave(): void {
    this.list = this.list.filter((toast) => toast.kind !== 'error' && !toast.action);
  }

  /** The errors that were there when something is begun: they are done with once it succeeds. */
  seenErrors(): number[] {
    const before = Date.now() - SEEN;
    return this.list.flatMap(({ id, kind, at }) => (kind === 'error' && at <= before ? [id] : []));
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #error(text: string, more: (string | null)[], original: string | null): void {
    this.#add({ kind: 'error', text, more: more.filter((line) => line !== null), original });
  }

  #add(toast: Omit<Toast, 'id' | 'at'>): void {
    const id = ++this.#last;
    // The same once more is no news.
    const others = this.list.filter(({ kind, text }) => kind !== toast.kind || text !== toast.text);
    this.list = [...others.slice(1 - MOST), { ...toast, id, at: Date.now() }];
    // Success toasts close by themselves, later if they offer an action; errors stay until they are dismissed, their
    // screen is left, or something succeeds.
    if (toast.kind === 'success') setTimeout(() => this.dismiss(id), toast.action ? 30_000 : 6000);
  }
}

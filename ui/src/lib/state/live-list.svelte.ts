// A list that is loaded once and kept up to date by events about single entries.
//
// Events may arrive while the list is loading, and the response may be older than they are: an update that
// arrived after the request wins. Events alone never become the list, which would then be incomplete.

import { Loadable } from './loadable.svelte';

export class LiveList<T extends { id: string }> extends Loadable<T[]> {
  /** Updates since the last request; `null` for an entry that was removed. */
  #updates = new Map<string, T | null>();

  override async load(request: () => Promise<T[]>, fresh = false): Promise<T[] | undefined> {
    return super.load(async () => {
      this.#updates = new Map();
      const updates = this.#updates;
      return merged(await request(), updates);
    }, fresh);
  }

  /** The newest known state of an entry, even while the list itself is loading. */
  get(id: string): T | undefined {
    const here = this.value?.find((entry) => entry.id === id);
    return here ?? this.#updates.get(id) ?? undefined;
  }

  put(entry: T): void {
    this.#change(entry.id, entry);
  }

  /** For the result of a command: an event that arrived first is newer. */
  add(entry: T): void {
    if (!this.get(entry.id)) this.put(entry);
  }

  drop(id: string): void {
    this.#change(id, null);
  }

  #change(id: string, entry: T | null): void {
    this.#updates.set(id, entry);
    if (this.value) this.value = merged(this.value, new Map([[id, entry]]));
  }
}

function merged<T extends { id: string }>(list: T[], updates: ReadonlyMap<string, T | null>): T[] {
  const known = new Set(list.map((entry) => entry.id));
  const kept = list.flatMap((entry) => {
    const update = updates.get(entry.id);
    return update === undefined ? [entry] : update === null ? [] : [update];
  });
  const added = [...updates].flatMap(([id, entry]) => (entry && !known.has(id) ? [entry] : []));
  return [...kept, ...added];
}

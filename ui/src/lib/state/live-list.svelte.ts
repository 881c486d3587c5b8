// A list that is asked for, and kept up to date by news of single entries.
//
// News may come while the list is on its way, and the answer may be older than it: what was told since
// the asking wins over the answer. News alone never becomes the list: entries not told of would be missing.

import { Loadable } from './loadable.svelte';

export class LiveList<T extends { id: string }> extends Loadable<T[]> {
  /** Told since the last asking; `null` for an entry that is gone. */
  #told = new Map<string, T | null>();

  override async load(ask: () => Promise<T[]>, fresh = false): Promise<T[] | undefined> {
    return super.load(async () => {
      this.#told = new Map();
      const told = this.#told;
      return merged(await ask(), told);
    }, fresh);
  }

  /** The newest that is known of an entry, even while the list itself is on its way. */
  get(id: string): T | undefined {
    const here = this.value?.find((entry) => entry.id === id);
    return here ?? this.#told.get(id) ?? undefined;
  }

  tell(entry: T): void {
    this.#change(entry.id, entry);
  }

  /** For the answer to a command: by the time it is here, news may have told more. */
  add(entry: T): void {
    if (!this.get(entry.id)) this.tell(entry);
  }

  drop(id: string): void {
    this.#change(id, null);
  }

  #change(id: string, entry: T | null): void {
    this.#told.set(id, entry);
    if (this.value) this.value = merged(this.value, new Map([[id, entry]]));
  }
}

function merged<T extends { id: string }>(list: T[], told: ReadonlyMap<string, T | null>): T[] {
  const known = new Set(list.map((entry) => entry.id));
  const kept = list.flatMap((entry) => {
    const news = told.get(entry.id);
    return news === undefined ? [entry] : news === null ? [] : [news];
  });
  const added = [...told].flatMap(([id, entry]) => (entry && !known.has(id) ? [entry] : []));
  return [...kept, ...added];
}

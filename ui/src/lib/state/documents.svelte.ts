// The documents of a data set that fit a search, fetched a page at a time as they come into view.

import type { Client, DataDocument, Split } from '../client/client';
import { asFailure } from './loadable.svelte';
import type { Failure } from '../client/client';

export const PAGE = 100;

export class Documents {
  split = $state<Split | 'all'>('all');
  text = $state('');
  label = $state('');
  total = $state<number | undefined>(undefined);
  failure = $state.raw<Failure | undefined>(undefined);
  #pages = $state.raw<ReadonlyMap<number, DataDocument[]>>(new Map());
  #asked = new Set<number>();
  #turn = 0;
  #client: Client;
  #id: string;

  constructor(client: Client, id: string) {
    this.#client = client;
    this.#id = id;
    void this.restart();
  }

  at(place: number): DataDocument | undefined {
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** After a change of the search. What is shown stays until the answer is here. */
  async restart(): Promise<void> {
    this.#turn += 1;
    this.#asked = new Set([0]);
    await this.#fetch(0, true);
  }

  clear(): void {
    this.split = 'all';
    this.text = '';
    this.label = '';
    void this.restart();
  }

  /** Rows that are in view, or will be soon. */
  need(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#fetch(page, false);
    }
  }

  async #fetch(page: number, fresh: boolean): Promise<void> {
    const turn = this.#turn;
    const query = { split: this.split, text: this.text, label: this.label || null, offset: page * PAGE, limit: PAGE };
    try {
      const found = await this.#client.data.documents(this.#id, query);
      if (turn !== this.#turn) return;
      this.#pages = new Map(fresh ? [] : this.#pages).set(page, found.documents);
      this.total = found.total;
      this.failure = undefined;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }
}

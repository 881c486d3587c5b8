// The documents of a data set that fit a search, fetched a page at a time as they come into view.

import type { Client, DataDocument, DocumentQuery, Split } from '../client/client';
import { asFailure } from './loadable.svelte';
import type { Failure } from '../client/client';

export const PAGE = 100;
export const CHAPTER = 200_000;

export class Documents {
  split = $state<Split | 'all'>('all');
  text = $state('');
  label = $state('');
  /** The code of a finding that documents have to have. */
  finding = $state('');
  /** Of very many documents the list holds this many at a time, since browsers cannot draw lists of any height. */
  chapter = $state(0);
  total = $state<number | undefined>(undefined);
  /** A search in very much text goes on counting while its first documents are shown. */
  counting = $state(false);
  chapters = $derived(Math.ceil((this.total ?? 0) / CHAPTER));
  /** Rows of the present chapter. */
  rows = $derived(Math.min(CHAPTER, (this.total ?? 0) - this.chapter * CHAPTER));
  failure = $state.raw<Failure | undefined>(undefined);
  #pages = $state.raw<ReadonlyMap<number, DataDocument[]>>(new Map());
  #asked = new Set<number>();
  #turn = 0;
  #client: Client;
  #id: string;

  /** `at`: the part and the place in it that is to be seen first. */
  constructor(client: Client, id: string, at: { split: Split | 'all'; document: number } | null = null) {
    this.#client = client;
    this.#id = id;
    if (at) {
      this.split = at.split;
      this.chapter = Math.floor(at.document / CHAPTER);
    }
    void this.restart();
  }

  /** The document of a row of the present chapter. */
  at(row: number): DataDocument | undefined {
    const place = this.chapter * CHAPTER + row;
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** After a change of the search. What is shown stays until the answer is here. */
  async restart(): Promise<void> {
    this.#turn += 1;
    this.#asked = new Set([0]);
    await this.#fetch(0, true);
    // A search may leave fewer documents than the chapter that was open begins with.
    if (this.chapter > 0 && this.rows <= 0) this.chapter = 0;
  }

  clear(): void {
    this.finding = '';
    this.split = 'all';
    this.text = '';
    this.label = '';
    void this.restart();
  }

  /** Rows of the present chapter that are in view, or will be soon. */
  need(first: number, last: number): void {
    const from = this.chapter * CHAPTER;
    for (let page = Math.floor((from + first) / PAGE); page <= Math.floor((from + last) / PAGE); page += 1) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#fetch(page, false);
    }
  }

  /** The same question asked again counts on. */
  async #countOn(turn: number, query: DocumentQuery): Promise<void> {
    while (this.counting) {
      // Pages that are scrolled to come before counting.
      await new Promise((next) => setTimeout(next, 50));
      if (turn !== this.#turn) return;
      const found = await this.#client.data
        .documents(this.#id, { ...query, offset: 0, limit: 1 })
        .catch(() => undefined);
      if (turn !== this.#turn) return;
      if (found) this.total = found.total;
      this.counting = found ? !found.complete : false;
    }
  }

  async #fetch(page: number, fresh: boolean): Promise<void> {
    const turn = this.#turn;
    const query = {
      split: this.split,
      text: this.text,
      label: this.label || null,
      finding: this.finding || null,
      offset: page * PAGE,
      limit: PAGE,
    };
    try {
      const found = await this.#client.data.documents(this.#id, query);
      if (turn !== this.#turn) return;
      this.#pages = new Map(fresh ? [] : this.#pages).set(page, found.documents);
      if (!this.counting || fresh) this.total = found.total;
      this.failure = undefined;
      if (fresh) {
        this.counting = !found.complete;
        if (this.counting) void this.#countOn(turn, query);
      }
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }
}

// The documents of a data set or a batch that match a search, fetched a page at a time as they scroll into view.

import type { DataDocument, DocumentPage, DocumentQuery, Split } from '../client/client';
import { asFailure } from './loadable.svelte';
import type { Failure } from '../client/client';

export const PAGE = 100;
export const CHAPTER = 200_000;

export class Documents {
  split = $state<Split | 'all'>('all');
  text = $state('');
  label = $state('');
  /** Only documents with a finding of this code. */
  finding = $state('');
  /** Browsers limit the height of an element, so very long lists are shown in chapters of `CHAPTER` documents. */
  chapter = $state(0);
  total = $state<number | undefined>(undefined);
  /** A search through a lot of text keeps counting while its first documents are shown. */
  counting = $state(false);
  chapters = $derived(Math.ceil((this.total ?? 0) / CHAPTER));
  /** Rows of the current chapter. */
  rows = $derived(Math.min(CHAPTER, (this.total ?? 0) - this.chapter * CHAPTER));
  failure = $state.raw<Failure | undefined>(undefined);
  #pages = $state.raw<ReadonlyMap<number, DataDocument[]>>(new Map());
  #asked = new Set<number>();
  #requestId = 0;
  #ask: (query: DocumentQuery) => Promise<DocumentPage>;

  /** `at`: the split and the number of the document to show first. */
  constructor(
    ask: (query: DocumentQuery) => Promise<DocumentPage>,
    at: { split: Split | 'all'; document: number } | null = null,
  ) {
    this.#ask = ask;
    if (at) {
      this.split = at.split;
      this.chapter = Math.floor(at.document / CHAPTER);
    }
    void this.restart();
  }

  /** The document of a row of the current chapter. */
  at(row: number): DataDocument | undefined {
    const place = this.chapter * CHAPTER + row;
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Call after the search has changed. The old documents stay on screen until the new ones arrive. */
  async restart(): Promise<void> {
    this.#requestId += 1;
    this.#asked = new Set([0]);
    await this.#fetch(0, true);
    // A search may match too few documents for the chapter that was open.
    if (this.chapter > 0 && this.rows <= 0) this.chapter = 0;
  }

  clear(): void {
    this.finding = '';
    this.split = 'all';
    this.text = '';
    this.label = '';
    void this.restart();
  }

  /** What is searched for, from a place on. */
  query(offset = 0): DocumentQuery {
    return {
      split: this.split,
      text: this.text,
      label: this.label || null,
      finding: this.finding || null,
      offset,
      limit: PAGE,
    };
  }

  /** Fetches the rows of the current chapter that are in view, or soon will be. */
  need(first: number, last: number): void {
    const from = this.chapter * CHAPTER;
    for (let page = Math.floor((from + first) / PAGE); page <= Math.floor((from + last) / PAGE); page += 1) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#fetch(page, false);
    }
  }

  /** Each repetition of the same query continues the count. */
  async #countOn(requestId: number, query: DocumentQuery): Promise<void> {
    while (this.counting) {
      // Pages that the user scrolls to take precedence over counting.
      await new Promise((next) => setTimeout(next, 50));
      if (requestId !== this.#requestId) return;
      const found = await this.#ask({ ...query, offset: 0, limit: 1 }).catch(() => undefined);
      if (requestId !== this.#requestId) return;
      if (found) this.total = found.total;
      this.counting = found ? !found.complete : false;
    }
  }

  async #fetch(page: number, fresh: boolean): Promise<void> {
    const requestId = this.#requestId;
    const query = this.query(page * PAGE);
    try {
      const found = await this.#ask(query);
      if (requestId !== this.#requestId) return;
      this.#pages = new Map(fresh ? [] : this.#pages).set(page, found.documents);
      if (!this.counting || fresh) this.total = found.total;
      this.failure = undefined;
      if (fresh) {
        this.counting = !found.complete;
        if (this.counting) void this.#countOn(requestId, query);
      }
    } catch (thrown) {
      if (requestId === this.#requestId) this.failure = asFailure(thrown);
    }
  }
}

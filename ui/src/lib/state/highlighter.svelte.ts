// Tags the text as the user types: paragraph by paragraph, and the newest request wins.

import type { Client, Preparing } from '../client/client';
import type { Entity } from '../client/contracts';
import type { Failure } from '../client/client';
import { asFailure } from './loadable.svelte';

export interface Paragraph {
  /** Where it starts in the text, in UTF-16 units. */
  start: number;
  text: string;
}

/** Milliseconds without a key press before a request is sent. */
export const DEBOUNCE = 50;
/** Paragraphs in the first request: few enough that the first results show at once. */
const BATCH_SIZE = 24;
/** In the largest: what is asked for together is computed together, but must not take long to break off. */
const MOST_IN_BATCH = 192;
/** In UTF-16 units. A longer line is cut at a space, so that no piece is too long to draw or to tag. */
const MAX_PARAGRAPH = 2000;

export class Highlighter {
  text = $state.raw('');
  paragraphs = $derived(paragraphsOf(this.text));
  first: Pane;
  second: Pane;
  compare = $state(false);
  /** Entities with a lower score are not shown, 0–1. */
  threshold = $state(0.5);
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  everFound = $state(false);
  /** The paragraph at the top of a list and how far it is scrolled out, 0–1, for the other list to follow. */
  scrolled = $state.raw<{ by: Pane; row: number; part: number } | null>(null);
  /** For each paragraph, where one model found an entity that the other did not; empty without a second model. */
  differences = $derived.by((): readonly Differences[] => {
    if (!this.compare) return [];
    return this.paragraphs.map((_, place) => {
      const [first, second] = [this.first.found[place], this.second.found[place]];
      // What is still pending differs in nothing yet.
      if (!first || !second) return NO_DIFFERENCES;
      return differencesOf(first.filter(this.shows), second.filter(this.shows));
    });
  });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    const found = () => (this.everFound = true);
    this.first = new Pane(client, found);
    this.second = new Pane(client, found);
    client.tagger.onPreparing((model, preparing) => {
      for (const pane of [this.first, this.second]) if (pane.model === model) pane.preparing = preparing;
    });
  }

  /** The available models, and the one to begin with. A pane keeps its choice as long as that still exists. */
  setModels(models: string[], usual: string): void {
    for (const pane of [this.first, this.second]) {
      if (!models.includes(pane.model)) pane.model = '';
    }
    this.first.model ||= usual;
    this.second.model ||= models.findLast((model) => model !== this.first.model) ?? '';
    this.request(0);
  }

  /** The weights of a model have changed, so the text is tagged again. */
  modelChanged(model: string): void {
    for (const pane of [this.first, this.second]) if (pane.model === model) pane.clearCache();
    if ([this.first, this.second].some((pane) => pane.model === model)) this.request(DEBOUNCE);
  }

  write(text: string): void {
    this.text = text;
    this.request(DEBOUNCE);
  }

  choose(pane: Pane, model: string): void {
    pane.model = model;
    this.request(0);
  }

  setCompare(on: boolean): void {
    this.compare = on;
    this.request(0);
  }

  toggle(label: string): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(label)) hidden.add(label);
    this.hidden = hidden;
  }

  shows = (entity: Entity): boolean => (entity.score ?? 1) >= this.threshold && !this.hidden.has(entity.label);

  request(delay: number): void {
    clearTimeout(this.#timer);
    // Until the response arrives, the screen shows the old entities, and must say so at once.
    this.first.expect(this.paragraphs);
    if (this.compare) this.second.expect(this.paragraphs);
    this.#timer = setTimeout(() => {
      void this.first.tag(this.paragraphs);
      if (this.compare) void this.second.tag(this.paragraphs);
    }, delay);
  }
}

/** The entities of a paragraph that only one of two models found, by the model. */
export interface Differences {
  first: ReadonlySet<Entity>;
  second: ReadonlySet<Entity>;
  /** How many both found. */
  same: number;
}
const NO_DIFFERENCES: Differences = { first: new Set(), second: new Set(), same: 0 };

/** Entities are the same with the same words and label. */
export function differencesOf(first: readonly Entity[], second: readonly Entity[]): Differences {
  if (!first.length && !second.length) return NO_DIFFERENCES;
  const key = ({ start, end, label }: Entity) => `${start} ${end} ${label}`;
  const without = (own: readonly Entity[], other: readonly Entity[]) => {
    const known = new Set(other.map(key));
    return new Set(own.filter((entity) => !known.has(key(entity))));
  };
  const only = { first: without(first, second), second: without(second, first) };
  return { ...only, same: first.length - only.first.size };
}

/** One model's view of the text. */
export class Pane {
  model = $state('');
  /** The entities of each paragraph; `undefined` while they are pending. */
  found = $state.raw<readonly (Entity[] | undefined)[]>([]);
  busy = $state(false);
  /** Paragraphs that have been tagged, of how many; while it is busy. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  /** A person stopped it: the paragraphs that are left stay as they are. */
  stopped = $state(false);
  /** Progress of the test of its device, while the first response waits for it. */
  preparing = $state.raw<Preparing | null>(null);
  failure = $state.raw<Failure | undefined>(undefined);
  #client: Client;
  #onfound: () => void;
  #cache = new Map<string, Entity[]>();
  #cachedModel = '';
  #requestId = 0;

  constructor(client: Client, onfound: () => void) {
    this.#client = client;
    this.#onfound = onfound;
  }

  /** Shows the known entities of this text and discards pending requests. */
  expect(paragraphs: readonly Paragraph[]): void {
    this.#requestId += 1;
    if (this.#cachedModel !== this.model) {
      this.#cache = new Map();
      this.#cachedModel = this.model;
      this.preparing = null;
    }
    this.found = paragraphs.map((paragraph) => this.#lookUp(paragraph.text));
    this.busy = this.model !== '' && this.found.includes(undefined);
    this.progress = null;
    this.stopped = false;
    this.failure = undefined;
  }

  /** Cancels the test of the device, which the pending request waits for. */
  async cancel(): Promise<void> {
    await this.#client.tagger.cancel(this.model);
  }

  /** Tags no further: what has been found stays. */
  stop(): void {
    if (!this.busy) return;
    this.#requestId += 1;
    this.busy = false;
    this.progress = null;
    this.stopped = true;
  }

  /** Drops the cached entities, which a previous model found. */
  clearCache(): void {
    this.#cache = new Map();
  }

  async tag(paragraphs: readonly Paragraph[]): Promise<void> {
    this.expect(paragraphs);
    if (!this.busy) return;
    const requestId = this.#requestId;
    const wanted = [...new Set(paragraphs.map((paragraph) => paragraph.text))].filter(
      (text) => this.#lookUp(text) === undefined,
    );
    // What one request answers needs no bar.
    const progress = (done: number) =>
      (this.progress = wanted.length > BATCH_SIZE ? { done, total: wanted.length } : null);
    progress(0);
    try {
      let size = BATCH_SIZE;
      for (let at = 0; at < wanted.length;) {
        const part = wanted.slice(at, at + size);
        const replies = await this.#client.tagger.tag(this.model, part);
        if (requestId !== this.#requestId) return;
        part.forEach((text, place) => this.#cache.set(text, replies[place] ?? []));
        this.found = paragraphs.map((paragraph) => this.#lookUp(paragraph.text));
        at += part.length;
        size = Math.min(2 * size, MOST_IN_BATCH);
        progress(at);
        if (replies.some((entities) => entities.length > 0)) this.#onfound();
      }
      this.#trim(paragraphs);
    } catch (thrown) {
      if (requestId !== this.#requestId) return;
      this.failure = asFailure(thrown);
    }
    this.preparing = null;
    this.progress = null;
    this.busy = false;
  }

  #lookUp(text: string): Entity[] | undefined {
    return text.trim() === '' ? [] : this.#cache.get(text);
  }

  /** Each key press adds a paragraph to the cache; from time to time those no longer in the text are removed. */
  #trim(paragraphs: readonly Paragraph[]): void {
    if (this.#cache.size < paragraphs.length + 500) return;
    const used = new Set(paragraphs.map((paragraph) => paragraph.text));
    this.#cache = new Map([...this.#cache].filter(([text]) => used.has(text)));
  }
}

export function paragraphsOf(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let start = 0;
  while (start < text.length) {
    const line = text.indexOf('\n', start);
    const end = line < 0 ? text.length : line;
    for (let from = start; from < end || from === start;) {
      const to = end - from > MAX_PARAGRAPH ? cut(text, from) : end;
      const part = text.slice(from, to);
      paragraphs.push({ start: from, text: part.endsWith('\r') ? part.slice(0, -1) : part });
      if (to >= end) break;
      from = to;
    }
    start = end + 1;
  }
  return paragraphs;
}

/** The last space before the limit; without one, the limit, but never inside a surrogate pair. */
function cut(text: string, from: number): number {
  const limit = from + MAX_PARAGRAPH;
  const space = text.lastIndexOf(' ', limit);
  if (space > from) return space + 1;
  return /[\uDC00-\uDFFF]/.test(text[limit] ?? '') ? limit - 1 : limit;
}

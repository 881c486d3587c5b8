// Text in, entities out as the person types: paragraph by paragraph, and the newest request wins.

import type { Client, Preparing } from '../client/client';
import type { Entity } from '../client/contracts';
import type { Failure } from '../client/client';
import { asFailure } from './loadable.svelte';

export interface Paragraph {
  /** Where it starts in the text, in UTF-16 units. */
  start: number;
  text: string;
}

/** Milliseconds of rest after the last key before anything is asked. */
export const REST = 180;
/** Paragraphs in one request: small enough that the first answers show at once. */
const TOGETHER = 24;
/** A longer line is cut at a space, so that no piece is too long to draw or to tag. */
const LONGEST = 2000;

export class Highlighter {
  text = $state.raw('');
  paragraphs = $derived(paragraphsOf(this.text));
  first: Pane;
  second: Pane;
  compare = $state(false);
  /** Scores below it are not shown, 0–1. */
  threshold = $state(0.5);
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  everFound = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    const found = () => (this.everFound = true);
    this.first = new Pane(client, found);
    this.second = new Pane(client, found);
    client.tagger.onPreparing((model, preparing) => {
      for (const pane of [this.first, this.second]) if (pane.model === model) pane.preparing = preparing;
    });
  }

  /** The models there are. A pane keeps its choice while that still exists. */
  setModels(models: string[]): void {
    for (const pane of [this.first, this.second]) {
      if (!models.includes(pane.model)) pane.model = '';
    }
    this.first.model ||= models.at(-1) ?? '';
    this.second.model ||= models.findLast((model) => model !== this.first.model) ?? '';
    this.ask(0);
  }

  /** A model has other weights than before: what it found is found anew. */
  remade(model: string): void {
    for (const pane of [this.first, this.second]) if (pane.model === model) pane.forget();
    if ([this.first, this.second].some((pane) => pane.model === model)) this.ask(REST);
  }

  write(text: string): void {
    this.text = text;
    this.ask(REST);
  }

  choose(pane: Pane, model: string): void {
    pane.model = model;
    this.ask(0);
  }

  setCompare(on: boolean): void {
    this.compare = on;
    this.ask(0);
  }

  toggle(label: string): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(label)) hidden.add(label);
    this.hidden = hidden;
  }

  shows = (entity: Entity): boolean => (entity.score ?? 1) >= this.threshold && !this.hidden.has(entity.label);

  ask(rest: number): void {
    clearTimeout(this.#timer);
    // What is on the screen is of the old text until the answer comes: say so at once.
    this.first.expect(this.paragraphs);
    if (this.compare) this.second.expect(this.paragraphs);
    this.#timer = setTimeout(() => {
      void this.first.tag(this.paragraphs);
      if (this.compare) void this.second.tag(this.paragraphs);
    }, rest);
  }
}

/** One model's view of the text. */
export class Pane {
  model = $state('');
  /** For each paragraph its entities; `undefined` while they are on their way. */
  found = $state.raw<readonly (Entity[] | undefined)[]>([]);
  busy = $state(false);
  /** How far the test of its device is, while the first answer waits for that. */
  preparing = $state.raw<Preparing | null>(null);
  failure = $state.raw<Failure | undefined>(undefined);
  #client: Client;
  #told: () => void;
  #known = new Map<string, Entity[]>();
  #knownModel = '';
  #turn = 0;

  constructor(client: Client, told: () => void) {
    this.#client = client;
    this.#told = told;
  }

  /** Shows what is known already of this text, and forgets requests for another. */
  expect(paragraphs: readonly Paragraph[]): void {
    this.#turn += 1;
    if (this.#knownModel !== this.model) {
      this.#known = new Map();
      this.#knownModel = this.model;
      this.preparing = null;
    }
    this.found = paragraphs.map((paragraph) => this.#lookUp(paragraph.text));
    this.busy = this.model !== '' && this.found.includes(undefined);
    this.failure = undefined;
  }

  /** Ends what it waits for. */
  async cancel(): Promise<void> {
    await this.#client.tagger.cancel(this.model);
  }

  /** What is known is of a model that is no more. */
  forget(): void {
    this.#known = new Map();
  }

  async tag(paragraphs: readonly Paragraph[]): Promise<void> {
    this.expect(paragraphs);
    if (!this.busy) return;
    const turn = this.#turn;
    const wanted = [...new Set(paragraphs.map((paragraph) => paragraph.text))].filter(
      (text) => this.#lookUp(text) === undefined,
    );
    try {
      for (let at = 0; at < wanted.length; at += TOGETHER) {
        const part = wanted.slice(at, at + TOGETHER);
        const replies = await this.#client.tagger.tag(this.model, part);
        if (turn !== this.#turn) return;
        part.forEach((text, place) => this.#known.set(text, replies[place] ?? []));
        this.found = paragraphs.map((paragraph) => this.#lookUp(paragraph.text));
        if (replies.some((entities) => entities.length > 0)) this.#told();
      }
      this.#forget(paragraphs);
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.failure = asFailure(thrown);
    }
    this.preparing = null;
    this.busy = false;
  }

  #lookUp(text: string): Entity[] | undefined {
    return text.trim() === '' ? [] : this.#known.get(text);
  }

  /** Each key leaves one more old paragraph behind: only those of the text are kept. */
  #forget(paragraphs: readonly Paragraph[]): void {
    if (this.#known.size < paragraphs.length + 500) return;
    const used = new Set(paragraphs.map((paragraph) => paragraph.text));
    this.#known = new Map([...this.#known].filter(([text]) => used.has(text)));
  }
}

export function paragraphsOf(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let start = 0;
  while (start < text.length) {
    const line = text.indexOf('\n', start);
    const end = line < 0 ? text.length : line;
    for (let from = start; from < end || from === start;) {
      const to = end - from > LONGEST ? cut(text, from) : end;
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
  const limit = from + LONGEST;
  const space = text.lastIndexOf(' ', limit);
  if (space > from) return space + 1;
  return /[\uDC00-\uDFFF]/.test(text[limit] ?? '') ? limit - 1 : limit;
}

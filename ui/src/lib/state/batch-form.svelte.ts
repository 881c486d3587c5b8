// The form of a new batch: files with the column of their text, or a data set, and the model.

import type { BatchFile, BatchLook, BatchRequest, Client } from '../client/client';
import { asFailure } from './loadable.svelte';
import type { Failure } from '../client/client';

export class BatchForm {
  files = $state.raw<BatchFile[]>([]);
  /** What each file holds, in the same order. */
  looks = $state.raw<BatchLook[]>([]);
  /** The data set that is tagged in place of files. */
  data = $state('');
  model = $state('');
  name = $state('');
  /** A text file is one document. `null`: the user has not chosen, and it follows from the files. */
  whole = $state<boolean | null>(null);
  looking = $state(false);
  failure = $state.raw<Failure | undefined>(undefined);
  /** Files of a folder are usually a document each, the lines of a single file are. */
  isWhole = $derived.by(() => this.whole ?? this.looks.some((look) => look.files > 1));
  hasPlainText = $derived.by(() => this.looks.some((look) => look.columns.length === 0 && !look.failure));
  broken = $derived.by(() => this.looks.some((look) => look.failure));
  ready = $derived.by(
    () =>
      this.model !== '' &&
      (this.data !== '' || (this.files.length > 0 && !this.looking && !this.failure && !this.broken)),
  );
  #client: Client;
  #asked = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  add(paths: string[]): void {
    const known = new Set(this.files.map((file) => file.path));
    const fresh = [...new Set(paths)].filter((path) => !known.has(path));
    if (fresh.length === 0) return;
    this.data = '';
    this.files = [...this.files, ...fresh.map((path): BatchFile => ({ path, column: null }))];
    void this.look();
  }

  remove(path: string): void {
    this.files = this.files.filter((file) => file.path !== path);
    void this.look();
  }

  setColumn(path: string, column: string): void {
    this.files = this.files.map((file) => (file.path === path ? { ...file, column } : file));
    void this.look();
  }

  setWhole(whole: boolean): void {
    this.whole = whole;
    void this.look();
  }

  clear(): void {
    this.files = [];
    this.looks = [];
    this.data = '';
    this.name = '';
    this.whole = null;
    this.failure = undefined;
  }

  async look(): Promise<void> {
    const asked = ++this.#asked;
    if (this.files.length === 0) {
      this.looks = [];
      this.looking = false;
      return;
    }
    this.looking = true;
    try {
      const looks = await this.#client.batches.look(this.files, this.isWhole);
      if (asked !== this.#asked) return;
      this.looks = looks;
      this.failure = undefined;
    } catch (thrown) {
      if (asked === this.#asked) this.failure = asFailure(thrown);
    }
    if (asked === this.#asked) this.looking = false;
  }

  request(): BatchRequest {
    const { name, model, files, data } = this;
    return {
      name: name.trim(),
      model,
      files: data ? [] : files,
      data: data || null,
      whole: this.isWhole,
    };
  }
}

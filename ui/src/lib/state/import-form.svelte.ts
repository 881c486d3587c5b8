// An import that is being prepared: its files, how each is read, what was found in them, what is to be mended.

import type { ChosenFile, Client, DataSet, Inspection, Reading, Repair, Split } from '../client/client';
import { fileName } from '../format';
import { Job } from './job.svelte';
import { isSame } from './repairs';

/** A file that was chosen, with everything about its reading said. */
export interface Chosen extends ChosenFile {
  reading: Reading;
}
export const AS_FOUND: Readonly<Reading> = {
  format: null,
  encoding: null,
  token_column: null,
  tag_column: null,
  sentence_column: null,
  scheme: null,
  label_names: null,
  offsets: 'characters',
  shift: 0,
  drop_invalid: false,
};
/** Milliseconds of rest after the last change, before the files are read again. */
const REST = 250;

/** After the file; after its folder where the file is called by its part, as in `wnut17/train.conll`. */
function nameOf(path: string): string {
  const name = fileName(path)
    .replace(/\.(gz|zip)$/, '')
    .replace(/\.[^.]*$/, '');
  const folder = fileName(path.slice(0, -fileName(path).length).replace(/[\\/]+$/, ''));
  return /^(train(ing)?|dev|valid(ation)?|test)$/i.test(name) && folder ? folder : name;
}

export class ImportForm {
  files = $state.raw<Chosen[]>([]);
  repairs = $state.raw<Repair[]>([]);
  name = $state('');
  /** In hundredths. */
  devShare = $state(10);
  testShare = $state(10);
  seed = $state(42);
  found = $state.raw<Inspection | undefined>(undefined);
  looking: Job;
  writing: Job;

  splits = $derived(new Set((this.found?.files ?? []).flatMap((file) => file.members.map((member) => member.split))));
  /** Parts that no file is for are held out of the training part. */
  needs = $derived({ dev: !this.splits.has('dev'), test: !this.splits.has('test') });
  shareFault = $derived.by(() => {
    const shares = [this.needs.dev ? this.devShare : 0, this.needs.test ? this.testShare : 0];
    return !shares.every((share) => share >= 0) || shares.reduce((sum, share) => sum + share, 0) >= 100;
  });
  blocked = $derived(
    (this.found?.files ?? []).some((file) => file.error) ||
      (this.found?.report.groups ?? []).some((group) => group.severity === 'error'),
  );
  total = $derived.by(() => {
    const files = this.found?.report.files ?? [];
    const sum = (key: 'documents' | 'entities') => files.reduce((all, file) => all + file[key], 0);
    return {
      documents: sum('documents'),
      entities: sum('entities'),
      labels: new Set(files.flatMap((file) => Object.keys(file.labels))).size,
    };
  });
  ready = $derived.by(() => {
    const known = this.found !== undefined && !this.looking.busy && !this.looking.failure && this.total.documents > 0;
    return (
      known &&
      !this.blocked &&
      !this.shareFault &&
      this.name.trim() !== '' &&
      Number.isInteger(this.seed) &&
      this.seed >= 0
    );
  });
  #client: Client;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #named = false;

  /** `into`: the data set whose files are to be replaced. */
  constructor(
    client: Client,
    readonly into: DataSet | null = null,
  ) {
    this.#client = client;
    this.looking = new Job(client);
    this.writing = new Job(client);
    if (into) {
      this.name = into.name;
      this.#named = true;
      this.repairs = into.repairs;
    }
  }

  add(paths: string[]): void {
    const known = new Set(this.files.map((file) => file.path));
    const fresh = [...new Set(paths)].filter((path) => !known.has(path));
    if (fresh.length === 0) return;
    this.files = [...this.files, ...fresh.map((path): Chosen => ({ path, split: null, reading: { ...AS_FOUND } }))];
    if (!this.#named && this.files[0]) this.name = nameOf(this.files[0].path);
    void this.look();
  }

  drop(path: string): void {
    this.files = this.files.filter((file) => file.path !== path);
    if (this.files.length) void this.look();
    else this.#forget();
  }

  call(name: string): void {
    this.name = name;
    this.#named = true;
  }

  assign(path: string, split: Split | null): void {
    this.#change(path, { split });
  }

  read(path: string, changed: Partial<Reading>): void {
    const file = this.files.find((one) => one.path === path);
    if (file) this.#change(path, { reading: { ...file.reading, ...changed } });
  }

  mend(repair: Repair): void {
    if (this.has(repair)) return;
    this.repairs = [...this.repairs, repair];
    void this.look();
  }

  leave(repair: Repair): void {
    this.repairs = this.repairs.filter((one) => one !== repair);
    void this.look();
  }

  has(repair: Repair): boolean {
    return this.repairs.some((one) => isSame(one, repair));
  }

  /** Reads the files anew; what was found before stays on show meanwhile. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const request = { files: this.files, repairs: this.repairs };
    const found = await this.looking.run((job) => this.#client.data.inspect(request, job));
    if (found) this.found = found;
  }

  async import(): Promise<DataSet | undefined> {
    const { files, repairs, into, seed } = this;
    return this.writing.run((job) =>
      into
        ? this.#client.data.update(into.id, files, repairs, job)
        : this.#client.data.import(
            { name: this.name.trim(), files, repairs: [...this.#heldOut(seed), ...repairs] },
            job,
          ),
    );
  }

  /** The dialog closes: nobody waits for anything any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.looking.cancel();
    this.writing.cancel();
  }

  /** Before all other repairs: the parts that no file is for. */
  #heldOut(seed: number): Repair[] {
    const asked = { dev: this.needs.dev ? this.devShare : 0, test: this.needs.test ? this.testShare : 0 };
    const shares = Object.fromEntries(
      Object.entries(asked).flatMap(([split, share]) => (share > 0 ? [[split, share / 100]] : [])),
    );
    return Object.keys(shares).length ? [{ repair: 'hold-out', shares, seed }] : [];
  }

  #change(path: string, changed: Partial<Chosen>): void {
    this.files = this.files.map((file) => (file.path === path ? { ...file, ...changed } : file));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), REST);
  }

  #forget(): void {
    this.looking.cancel();
    this.looking.cancelled = false;
    this.found = undefined;
  }
}

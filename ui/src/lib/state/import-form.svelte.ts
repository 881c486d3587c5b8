// The form of an import: its files, how each is read, what was found in them, and the chosen repairs.

import type { ChosenFile, Client, DataSet, Inspection, Reading, Repair, Split } from '../client/client';
import { fileName } from '../format';
import { Job } from './job.svelte';
import { freeName, nameFault } from './names';
import { isSame } from './repairs';

/** A chosen file, with every option of its reading set. */
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
  inclusive_ends: false,
  line_ends: 'as-written',
  drop_invalid: false,
  mask_unknown: false,
  annotator: 'ground-truth',
};
/** The code of a file that cannot be opened. */
export const UNOPENED = 'unreadable';
/** Milliseconds without a change before the files are read again. */
const DEBOUNCE = 250;

/** Named after the file, or after its folder if the file is named after its split, as in `wnut17/train.conll`. */
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
  inspecting: Job;
  importing: Job;

  splits = $derived(new Set((this.found?.files ?? []).flatMap((file) => file.members.map((member) => member.split))));
  /** Files were read, and none of them is train. */
  hasNoTrain = $derived(this.splits.size > 0 && !this.splits.has('train'));
  /** Splits without a file are held out from train, if there is one. */
  needs = $derived({
    dev: !this.hasNoTrain && !this.splits.has('dev'),
    test: !this.hasNoTrain && !this.splits.has('test'),
  });
  shareFault = $derived.by(() => {
    const shares = [this.needs.dev ? this.devShare : 0, this.needs.test ? this.testShare : 0];
    return !shares.every((share) => share >= 0) || shares.reduce((sum, share) => sum + share, 0) >= 100;
  });
  /** A file that cannot be read: of which split it is, and what it holds, is not known yet. */
  unread = $derived((this.found?.files ?? []).some((file) => file.error));
  /** It is not there, or may not be opened: no other way of reading helps. */
  missing = $derived((this.found?.files ?? []).some((file) => file.error?.code === UNOPENED));
  blocked = $derived(this.unread || (this.found?.report.groups ?? []).some((group) => group.severity === 'error'));
  total = $derived.by(() => {
    const files = this.found?.report.files ?? [];
    const sum = (key: 'documents' | 'entities') => files.reduce((all, file) => all + file[key], 0);
    return {
      documents: sum('documents'),
      entities: sum('entities'),
      labels: new Set(files.flatMap((file) => Object.keys(file.labels))).size,
    };
  });
  nameFault = $derived.by(() => (this.into ? undefined : nameFault(this.name, this.taken)));
  ready = $derived.by(() => {
    const known =
      this.found !== undefined && !this.inspecting.busy && !this.inspecting.failure && this.total.documents > 0;
    return (
      known && !this.blocked && !this.shareFault && !this.nameFault && Number.isInteger(this.seed) && this.seed >= 0
    );
  });
  /** Repairs that were chosen here, and files whose reading was changed: what closing the dialog would lose. */
  chosenRepairs = $derived.by(() => {
    const given = this.into?.repairs ?? [];
    return this.repairs.filter((repair) => !given.some((one) => isSame(one, repair))).length;
  });
  changedReadings = $derived.by(
    () =>
      this.files.filter((file) => file.split !== null || JSON.stringify(file.reading) !== JSON.stringify(AS_FOUND))
        .length,
  );
  touched = $derived.by(() => this.chosenRepairs + this.changedReadings > 0);
  #client: Client;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #named = false;
  /** Repairs that were added with one press each time. */
  #atOnce: Repair[][] = [];

  /** `into`: the data set whose files will be replaced. */
  constructor(
    client: Client,
    readonly into: DataSet | null = null,
    /** The names of other data sets. */
    readonly taken: string[] = [],
  ) {
    this.#client = client;
    this.inspecting = new Job(client);
    this.importing = new Job(client, 'import');
    if (into) {
      this.name = into.name;
      this.#named = true;
      this.repairs = into.repairs;
      this.#atOnce = (into.at_once ?? []).map(([from, to]) => into.repairs.slice(from, to));
    }
  }

  add(paths: string[]): void {
    const known = new Set(this.files.map((file) => file.path));
    const fresh = [...new Set(paths)].filter((path) => !known.has(path));
    if (fresh.length === 0) return;
    this.files = [...this.files, ...fresh.map((path): Chosen => ({ path, split: null, reading: { ...AS_FOUND } }))];
    if (!this.#named && this.files[0]) this.name = freeName(nameOf(this.files[0].path), this.taken);
    void this.inspect();
  }

  remove(path: string): void {
    this.files = this.files.filter((file) => file.path !== path);
    if (this.files.length) void this.inspect();
    else this.#forget();
  }

  setName(name: string): void {
    this.name = name;
    this.#named = true;
  }

  setSplit(path: string, split: Split | null): void {
    this.#change(path, { split });
  }

  setReading(path: string, changed: Partial<Reading>): void {
    const file = this.files.find((one) => one.path === path);
    if (file) this.#change(path, { reading: { ...file.reading, ...changed } });
  }

  addRepairs(repairs: Repair[]): void {
    const fresh = repairs.filter((repair) => !this.hasRepair(repair));
    if (fresh.length === 0) return;
    this.repairs = [...this.repairs, ...fresh];
    void this.inspect();
  }

  /** Adds repairs that need no decision, all with one press. */
  addSafe(repairs: Repair[]): void {
    this.#atOnce.push(repairs.filter((repair) => !this.hasRepair(repair)));
    this.addRepairs(repairs);
  }

  removeRepair(repair: Repair): void {
    this.repairs = this.repairs.filter((one) => one !== repair);
    // What is left of a step is one.
    this.#atOnce = this.#atOnce.map((step) => step.filter((one) => !isSame(one, repair)));
    void this.inspect();
  }

  hasRepair(repair: Repair): boolean {
    return this.repairs.some((one) => isSame(one, repair));
  }

  /** Reads the files again; the old findings stay on screen meanwhile. */
  async inspect(): Promise<void> {
    clearTimeout(this.#timer);
    const request = { files: this.files, repairs: this.repairs };
    const found = await this.inspecting.run((job) => this.#client.data.inspect(request, job));
    if (found) this.found = found;
  }

  /** Imports the files. */
  import(): Promise<DataSet | undefined> {
    const { files, into, seed } = this;
    // What makes the files usable comes first: without it nothing else could be undone by itself.
    const needed = this.repairs.filter(({ repair }) => repair === 'drop-invalid');
    const others = this.repairs.filter(({ repair }) => repair !== 'drop-invalid');
    const first = [...needed, ...(into ? [] : this.#heldOut(seed))];
    const repairs = [...first, ...others];
    const atOnce = this.#steps(others, first.length);
    return this.importing.run((job) =>
      into
        ? this.#client.data.update(into.id, files, repairs, atOnce, job)
        : this.#client.data.import({ name: this.name.trim(), files, repairs, at_once: atOnce }, job),
    );
  }

  /** Call when the dialog closes. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.inspecting.cancel();
    this.importing.cancel();
  }

  /** Where those that were chosen with one press stand, each a step of undo; `before`: so many stand before them all. */
  #steps(repairs: Repair[], before: number): [number, number][] {
    return this.#atOnce.flatMap((step): [number, number][] => {
      const from = repairs.findIndex((_, place) =>
        step.every((repair, offset) => {
          const there = repairs[place + offset];
          return there !== undefined && isSame(there, repair);
        }),
      );
      return from < 0 || step.length < 2 ? [] : [[before + from, before + from + step.length]];
    });
  }

  /** The splits without a file, held out before all other repairs. */
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
    this.#timer = setTimeout(() => void this.inspect(), DEBOUNCE);
  }

  #forget(): void {
    this.inspecting.cancel();
    this.inspecting.cancelled = false;
    this.found = undefined;
  }
}

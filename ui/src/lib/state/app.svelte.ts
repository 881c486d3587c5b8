// What the whole window shares: the client, where the person is, the library, preferences, toasts.

import { getContext, setContext } from 'svelte';
import type { Client, DataSet, Evaluation, LibraryModel, Preferences, Run, ShelfEntry } from '../client/client';
import { strings } from '../strings';
import { Downloads } from './downloads.svelte';
import { Draft } from './draft.svelte';
import { Evaluations } from './evaluations.svelte';
import { Guide } from './guide.svelte';
import { Highlighter } from './highlighter.svelte';
import { asFailure, Loadable } from './loadable.svelte';
import { hueOf, withLabels } from './palette';
import { Runs } from './runs.svelte';
import { Toasts } from './toasts.svelte';

export const SCREENS = ['models', 'data', 'train', 'results', 'highlight', 'settings'] as const;
export type Screen = (typeof SCREENS)[number];

/** What the screen of the moment does for the keys of `keys.ts`: leads to its search, begins its work … */
export type Action = 'find' | 'begin' | 'undo' | 'redo';

export type SettingsPart = 'hub' | 'storage';

const STARTING: Preferences = { theme: 'system', text_scale: 1, label_hues: {}, guide: 'open', device: 'auto' };

export class App {
  screen = $state<Screen>('models');
  /** The run that Train and Results look at. */
  run = $state('');
  /** The evaluation that Results looks at; empty for the scores of `run`. */
  evaluation = $state('');
  /** The data set that Data looks at. */
  dataSet = $state('');
  /** The part of Settings that is shown first when it opens. */
  settingsPart: SettingsPart | null = null;
  preferences = $state.raw<Preferences>(STARTING);
  readonly toast = new Toasts();

  shelf = new Loadable<ShelfEntry[]>();
  library = new Loadable<LibraryModel[]>();
  data = new Loadable<DataSet[]>();
  runs: Runs;
  evaluations: Evaluations;
  downloads: Downloads;
  draft = new Draft(
    (name) => this.library.value?.find((model) => model.name === name)?.summary.num_hidden_layers ?? null,
  );
  highlighter: Highlighter;
  guide: Guide;

  /** What can find entities: models that a run made, and downloaded ones with labels. */
  taggers = $derived((this.library.value ?? []).filter((model) => model.summary.labels.length > 0));
  bases = $derived((this.library.value ?? []).filter((model) => model.summary.trainable));
  /** Whether the system wants dark; what is drawn on a canvas has to know. */
  dark = $state(false);
  #saving = false;

  constructor(readonly client: Client) {
    this.runs = new Runs(client, {
      ended: (run) => this.#ended(run),
      remade: (run) => this.highlighter.remade(run.id),
    });
    this.evaluations = new Evaluations(client, (evaluation) => this.#scored(evaluation));
    this.downloads = new Downloads(client, (download) => {
      if (download.state === 'done') this.toast.success(strings.models.downloaded(download.id));
      else
        this.toast.error(
          download.failure?.message ?? strings.models.downloadFailed(download.id),
          download.failure?.hint ?? null,
        );
      void this.loadLibrary();
    });
    this.highlighter = new Highlighter(client);
    this.guide = new Guide(this);
    const system = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
    this.dark = system?.matches ?? false;
    system?.addEventListener?.('change', (event) => (this.dark = event.matches));
  }

  /** Preferences first, so that nothing is drawn in the wrong theme; the rest at once. */
  async open(): Promise<void> {
    this.preferences = { ...STARTING, ...(await this.client.settings.preferences().catch(() => STARTING)) };
    this.draft.settings.device = this.preferences.device;
    await Promise.all([
      this.shelf.load(() => this.client.models.shelf()),
      this.loadLibrary(),
      this.loadData(),
      this.runs.load(),
      this.evaluations.load(),
    ]);
    // Who has trained before, or wants no guidance, finds the form filled in.
    const usual = this.runs.sorted[0]?.model ?? (this.guide.open ? '' : 'starter');
    if (!this.draft.model && this.bases.some((model) => model.name === usual)) this.draft.model = usual;
  }

  /** What a person calls a library model: a run's by the name of the run. */
  modelName(name: string): string {
    return this.runs.get(name)?.name ?? name;
  }

  go(screen: Screen): void {
    this.screen = screen;
  }

  #actions: { [action in Action]?: (() => void) | undefined } = {};
  /** Until the function it returns is called. */
  registerAction(action: Action, run: () => void): () => void {
    this.#actions[action] = run;
    return () => {
      if (this.#actions[action] === run) this.#actions[action] = undefined;
    };
  }
  /** Whether the screen has registered it. */
  runAction(action: Action): boolean {
    this.#actions[action]?.();
    return this.#actions[action] !== undefined;
  }

  /** Where a person is sent who needs a token, a connection or room on the disk. */
  openSettings(part: SettingsPart): void {
    this.settingsPart = part;
    this.go('settings');
  }

  async loadLibrary(): Promise<void> {
    const models = await this.library.load(() => this.client.models.library());
    if (!models) return;
    this.learn(models.flatMap((model) => model.summary.labels));
    if (!models.some((model) => model.name === this.draft.model)) this.draft.model = '';
    const taggers = models.filter((model) => model.summary.labels.length > 0);
    this.highlighter.setModels(taggers.map((model) => model.name));
  }

  async loadData(): Promise<void> {
    const sets = await this.data.load(() => this.client.data.list());
    if (!sets) return;
    for (const set of sets) this.learn(set.check.files.flatMap((file) => Object.keys(file.labels)));
    if (!sets.some((set) => set.id === this.dataSet)) this.dataSet = sets[0]?.id ?? '';
    if (!sets.some((set) => set.id === this.draft.data)) this.draft.data = sets[0]?.id ?? '';
  }

  /** A data set that changed, or is new, in the list. */
  keepData(set: DataSet): void {
    const sets = this.data.value ?? [];
    const known = sets.some((other) => other.id === set.id);
    this.data.set(known ? sets.map((other) => (other.id === set.id ? set : other)) : [...sets, set]);
    this.learn(set.check.files.flatMap((file) => Object.keys(file.labels)));
  }

  hue(label: string): number {
    return hueOf(this.preferences.label_hues, label);
  }

  /** Gives each new label a hue of its own. */
  learn(labels: string[]): void {
    const hues = withLabels(this.preferences.label_hues, labels);
    if (hues !== this.preferences.label_hues) this.prefer({ label_hues: { ...hues } });
  }

  prefer(changed: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...changed };
    void this.#save();
  }

  /** One save at a time, and after it the newest: an older one must not come last. */
  async #save(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    for (let saved: Preferences | undefined; saved !== this.preferences;) {
      const now = (saved = this.preferences);
      await this.attempt(() => this.client.settings.savePreferences(now));
    }
    this.#saving = false;
  }

  /** Does something that may be refused; a refusal becomes a toast. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (thrown) {
      const failure = asFailure(thrown);
      this.toast.error(failure.message, failure.hint);
      return undefined;
    }
  }

  #scored({ model, data_name, status, f1, failure }: Evaluation): void {
    const name = this.modelName(model);
    if (status === 'failed')
      this.toast.error(failure?.message ?? strings.results.evaluation.broke(name, data_name), failure?.hint ?? null);
    else if (status === 'finished') this.toast.success(strings.results.evaluation.done(name, data_name, f1));
  }

  #ended(run: Run): void {
    if (run.status === 'failed') this.toast.error(strings.train.ended.failed(run.name), strings.train.ended.failedHint);
    else if (run.status === 'finished') this.toast.success(strings.train.ended.finished(run.name));
    else
      this.toast.success(strings.train.ended[run.step === 0 && !run.has_model ? 'stoppedBefore' : 'stopped'](run.name));
    void this.loadLibrary();
  }
}

const KEY = Symbol('app');
export function provideApp(app: App): void {
  setContext(KEY, app);
}
export function useApp(): App {
  return getContext<App>(KEY);
}

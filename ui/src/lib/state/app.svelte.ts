// The state that the whole window shares: client, current screen, library, preferences, toasts.

import { getContext, setContext } from 'svelte';
import type {
  Batch,
  Client,
  DataSet,
  Download,
  Evaluation,
  LibraryModel,
  Place,
  Preferences,
  Pretraining,
  QueueEntry,
  Run,
  ShelfEntry,
  Study,
} from '../client/client';
import { languageFor, reloadIn, spoken } from '../language';
import { strings } from '../strings';
import { BatchForm } from './batch-form.svelte';
import { Batches } from './batches.svelte';
import { Downloads } from './downloads.svelte';
import { RunForm } from './run-form.svelte';
import { Evaluations } from './evaluations.svelte';
import { Guide } from './guide.svelte';
import { Highlighter } from './highlighter.svelte';
import { Ignorings } from './history';
import { asFailure, Loadable } from './loadable.svelte';
import { hueOf, withLabels } from './palette';
import { Pretrainings } from './pretrainings.svelte';
import { Queue } from './queue.svelte';
import { ResultsView } from './results.svelte';
import { hasLearnedNothing, Runs } from './runs.svelte';
import { Studies } from './studies.svelte';
import { Toasts } from './toasts.svelte';
import { keepTyped, takeTyped } from './typed';

export const SCREENS = ['models', 'data', 'train', 'results', 'highlight', 'batch', 'settings', 'help'] as const;
export type Screen = (typeof SCREENS)[number];

/** What the current screen does for the keys of `keys.ts`: focus its search, start its main task, undo, redo. */
export type Action = 'find' | 'begin' | 'undo' | 'redo';

export type DataTab = 'overview' | 'documents' | 'findings' | 'labels' | 'repairs';

export type HelpTab = 'steps' | 'formats' | 'glossary';

export type SettingsPart = 'hub' | 'storage';

/** A document that another screen shows in Data. */
export interface ShownDocument {
  data: string;
  place: Place;
  /** The screen that it leads back to. */
  from: Screen;
  /** Why it is shown. */
  about: string;
}

const STARTING: Preferences = {
  theme: 'system',
  language: 'system',
  text_scale: 1,
  label_hues: {},
  guide: 'open',
  device: 'auto',
  keep_checkpoints: false,
  screen: '',
  run_order: 'newest',
};

export class App {
  screen = $state<Screen>('models');
  #run = $state('');
  /** The study that Train shows, if it shows one. */
  study = $state('');
  /** The evaluation that Results shows; empty for the scores of `run`. */
  evaluation = $state('');
  /** What Results shows of it. */
  readonly results = new ResultsView();
  /** The run that Train compares the chosen one with; it stays when another is chosen. */
  comparedRun = $state('');
  /** The model whose details Models shows. */
  shownModel = '';
  /** The run of pretraining that Models shows; empty for a model. */
  pretraining = $state('');
  /** The batch that Tag files shows; empty for a new one. */
  batch = $state('');
  #dataSet = $state('');
  /** Which side of the data set Data shows. */
  dataTab = $state<DataTab>('overview');
  /** The document that Data shows for another screen. */
  shownDocument = $state.raw<ShownDocument | null>(null);
  helpTab = $state<HelpTab>('steps');
  /** The part of Settings to scroll to when it opens. */
  settingsPart: SettingsPart | null = null;
  preferences = $state.raw<Preferences>(STARTING);
  readonly toast = new Toasts();
  readonly ignorings = new Ignorings();

  shelf = new Loadable<ShelfEntry[]>();
  library = new Loadable<LibraryModel[]>();
  data = new Loadable<DataSet[]>();
  runs: Runs;
  studies: Studies;
  pretrainings: Pretrainings;
  queue: Queue;
  evaluations: Evaluations;
  batches: Batches;
  downloads: Downloads;
  runForm = new RunForm(
    (name) => this.library.value?.find((model) => model.name === name)?.summary.num_hidden_layers ?? null,
  );
  batchForm: BatchForm;
  highlighter: Highlighter;
  guide: Guide;

  /** The models that can tag: those that a run made, and downloaded ones with labels. */
  taggers = $derived((this.library.value ?? []).filter((model) => model.summary.labels.length > 0));
  bases = $derived((this.library.value ?? []).filter((model) => model.summary.trainable));
  /** Whether the system prefers dark; charts on a canvas have to know. */
  dark = $state(false);
  #saving: Promise<boolean> | undefined;
  #firstRuns: Promise<unknown> | undefined;

  /** What trains, or is about to: what is started now waits in the queue. */
  busy = $derived.by(
    () => !!this.runs.running || !!this.studies.running || !!this.pretrainings.running || this.queue.busy,
  );

  constructor(readonly client: Client) {
    this.runs = new Runs(client, {
      ended: (run) => this.#ended(run),
      modelChanged: (run) => this.highlighter.modelChanged(run.id),
    });
    this.studies = new Studies(client, (study) => this.#studyEnded(study));
    this.pretrainings = new Pretrainings(client, (ended) => this.#pretrained(ended));
    this.queue = new Queue(client);
    this.evaluations = new Evaluations(client, (evaluation) => this.#scored(evaluation));
    this.batches = new Batches(client, (batch) => this.#tagged(batch));
    this.batchForm = new BatchForm(client);
    this.downloads = new Downloads(client, (download) => {
      if (download.state === 'done') this.toast.success(strings.models.downloaded(download.id));
      else this.#downloadFailed(download);
      void this.loadLibrary();
    });
    this.highlighter = new Highlighter(client);
    this.guide = new Guide(this);
    const system = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
    this.dark = system?.matches ?? false;
    system?.addEventListener?.('change', (event) => (this.dark = event.matches));
  }

  /** Preferences first, so that nothing is drawn in the wrong theme; then the rest in parallel. */
  async open(): Promise<void> {
    this.preferences = { ...STARTING, ...(await this.client.settings.preferences().catch(() => STARTING)) };
    this.runForm.prefer(this.preferences.device);
    // Without them the system's dialogs have the system's titles.
    void this.client.window.systemTexts(strings.shell.system).catch(() => {});
    const last = SCREENS.find((screen) => screen === this.preferences.screen);
    if (last) this.screen = last;
    this.#firstRuns = this.runs.load();
    await Promise.all([
      this.shelf.load(async () => (await this.client.models.shelf()).map(inWords)),
      this.loadLibrary(),
      this.loadData(),
      this.#firstRuns,
      this.studies.load(),
      this.pretrainings.load(),
      this.queue.load(),
      this.evaluations.load(),
      this.batches.load(),
    ]);
    // For users who have trained before or have closed the guide, the form is filled in.
    const usual = this.runs.sorted[0]?.model ?? (this.guide.open ? '' : 'starter');
    if (!this.runForm.model && this.bases.some((model) => model.name === usual)) this.runForm.model = usual;
    takeTyped(this);
  }

  /** The one display name of a model: that of its run or of the recommendation, if it has one. */
  modelName(name: string): string {
    return this.runs.get(name)?.name ?? this.shelf.value?.find(({ id }) => id === name)?.title ?? name;
  }

  /** The names of runs and studies, and of those that wait. */
  get takenNames(): string[] {
    const all = [this.runs.list.value, this.studies.list.value, this.queue.entries];
    return all.flatMap((list) => (list ?? []).map(({ name }) => name));
  }

  /** The run that Train and Results show. */
  get run(): string {
    return this.#run;
  }
  set run(id: string) {
    this.#run = id;
    this.study = '';
    this.results.begunWith = '';
  }

  /** The data set that Data shows. A new run takes the same, unless another was chosen for it. */
  get dataSet(): string {
    return this.#dataSet;
  }
  set dataSet(id: string) {
    if (!this.runForm.isDataChosen) this.runForm.data = id;
    this.#dataSet = id;
  }

  /** The model that a screen begins to tag with: that of the newest run that has one, or else the first. */
  get usualTagger(): string {
    const has = (name: string) => this.taggers.some((model) => model.name === name);
    return this.runs.sorted.find((run) => has(run.id))?.id ?? this.taggers[0]?.name ?? '';
  }

  /** Shows a study in Train. */
  showStudy(id: string): void {
    this.run = '';
    this.study = id;
  }

  /** Shows a run of pretraining in Models. */
  showPretraining(id: string): void {
    this.pretraining = id;
    this.go('models');
  }

  /** Shows the queue, which lies below the form of a new run. */
  showQueue(): void {
    this.run = '';
    this.go('train');
  }

  /** Shows a screen; the next start begins there. */
  go(screen: Screen): void {
    if (this.screen !== screen) this.toast.leave();
    this.screen = screen;
    if (this.preferences.screen !== screen) void this.setPreferences({ screen });
  }

  /** Shows a document of a report in Data, wherever it is now; the present screen is what leads back. */
  async showDocument(data: string, document: { split: string; number: number; text: string; about: string }) {
    const { split, number, text, about } = document;
    const found = await this.attempt(async () => ({ place: await this.client.data.locate(data, split, number, text) }));
    if (!found) return;
    if (!found.place) {
      this.toast.error(strings.results.documentGone, strings.results.documentGoneHint);
      return;
    }
    this.dataSet = data;
    this.dataTab = 'documents';
    this.shownDocument = { data, place: found.place, from: this.screen, about };
    this.go('data');
  }

  #actions: { [action in Action]?: (() => void) | undefined } = {};
  /** Returns a function that unregisters it. */
  registerAction(action: Action, run: () => void): () => void {
    this.#actions[action] = run;
    return () => {
      if (this.#actions[action] === run) this.#actions[action] = undefined;
    };
  }
  /** Returns whether the screen has registered it. */
  runAction(action: Action): boolean {
    this.#actions[action]?.();
    return this.#actions[action] !== undefined;
  }

  /** For users who need a token, a connection or disk space. */
  openSettings(part: SettingsPart): void {
    this.settingsPart = part;
    this.go('settings');
  }

  showHelp(tab: HelpTab): void {
    this.helpTab = tab;
    this.go('help');
  }

  /** The data set that Data shows. */
  get shownData(): DataSet | undefined {
    return (this.data.value ?? []).find((set) => set.id === this.dataSet) ?? this.data.value?.at(-1);
  }

  showFindings(set: DataSet): void {
    this.dataSet = set.id;
    this.dataTab = 'findings';
    this.go('data');
  }

  /** Shows the labels of a data set, where they can be renamed and merged. */
  showLabels(id: string): void {
    this.dataSet = id;
    this.dataTab = 'labels';
    this.go('data');
  }

  async loadLibrary(): Promise<void> {
    const models = await this.library.load(() => this.client.models.library());
    if (!models) return;
    this.assignHues(models.flatMap((model) => model.summary.labels));
    if (!models.some((model) => model.name === this.runForm.model)) this.runForm.model = '';
    // Which model is the newest, the runs say.
    await this.#firstRuns;
    this.highlighter.setModels(
      this.taggers.map((model) => model.name),
      this.usualTagger,
    );
  }

  async loadData(): Promise<void> {
    const sets = await this.data.load(() => this.client.data.list());
    if (!sets) return;
    for (const set of sets) this.assignHues(set.check.files.flatMap((file) => Object.keys(file.labels)));
    // They are in the order in which they were imported.
    const newest = sets.at(-1)?.id ?? '';
    const hasShown = sets.some((set) => set.id === this.dataSet);
    if (!hasShown) this.dataSet = newest;
    // A run begins with one that it can learn from, if there is any.
    const hasTrain = (set: DataSet) => set.check.files.some(({ split, entities }) => split === 'train' && entities > 0);
    const hasChosen = sets.some((set) => set.id === this.runForm.data);
    if (!hasChosen || (!hasShown && !this.runForm.isDataChosen))
      this.runForm.data = sets.findLast(hasTrain)?.id ?? newest;
  }

  /** Adds or replaces a data set in the list. */
  updateData(set: DataSet): void {
    const sets = this.data.value ?? [];
    const known = sets.some((other) => other.id === set.id);
    this.data.set(known ? sets.map((other) => (other.id === set.id ? set : other)) : [...sets, set]);
    this.assignHues(set.check.files.flatMap((file) => Object.keys(file.labels)));
  }

  hue(label: string): number {
    return hueOf(this.preferences.label_hues, label);
  }

  /** Assigns a hue to each new label. */
  assignHues(labels: string[]): void {
    const hues = withLabels(this.preferences.label_hues, labels);
    if (hues !== this.preferences.label_hues) void this.setPreferences({ label_hues: { ...hues } });
  }

  /** Answers whether they were saved. */
  setPreferences(changed: Partial<Preferences>): Promise<boolean> {
    this.preferences = { ...this.preferences, ...changed };
    return (this.#saving ??= this.#save());
  }

  /** One save at a time, so that an older state never overwrites a newer one. */
  async #save(): Promise<boolean> {
    let isSaved = false;
    for (let saved: Preferences | undefined; saved !== this.preferences;) {
      const now = (saved = this.preferences);
      // Not by `attempt`: the page saves by itself, which is no answer to an error on screen.
      try {
        await this.client.settings.savePreferences(now);
        isSaved = true;
      } catch (thrown) {
        isSaved = false;
        this.toast.failed(asFailure(thrown));
      }
    }
    this.#saving = undefined;
    return isSaved;
  }

  /** Shows the window in another language. Texts are constants, so the page is loaded anew, with what was typed. */
  async changeLanguage(language: Preferences['language']): Promise<void> {
    const isSaved = await this.setPreferences({ language });
    if (!isSaved || languageFor(language, navigator.languages) === spoken()) return;
    keepTyped(this);
    reloadIn(language, this.client.demo);
  }

  /** Does something that may fail; a failure becomes a toast, and success is the end of older ones. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    const seen = this.toast.seenErrors();
    try {
      const done = await action();
      for (const id of seen) this.toast.dismiss(id);
      return done;
    } catch (thrown) {
      this.toast.failed(asFailure(thrown));
      return undefined;
    }
  }

  /** Copies a text, with its form as HTML if it has one, and says so. */
  async copy(text: string, html: string | null = null, said: string = strings.common.copied): Promise<void> {
    const done = await this.attempt(() => this.client.settings.copy(text, html).then(() => true));
    if (done) this.toast.success(said);
  }

  /** One message for a failure: where the model's details are open, they say it themselves. */
  #downloadFailed({ id, failure }: Download): void {
    if (this.screen === 'models' && this.shownModel === id) return;
    const title = strings.models.downloadFailed(this.modelName(id));
    const advice = strings.models.nextStep.advice[failure?.code ?? ''];
    if (failure && !advice) this.toast.failed(failure, title);
    else this.toast.error(title, advice ?? null);
  }

  /** Work in the background that failed. */
  #broke(failure: Download['failure'], title: string): void {
    if (failure) this.toast.failed(failure, title);
    else this.toast.error(title, null);
  }

  #scored({ model, data_name, split, status, f1, failure }: Evaluation): void {
    const name = this.modelName(model);
    if (status === 'failed') this.#broke(failure, strings.results.evaluation.broke(name, data_name));
    else if (status === 'finished') {
      const words = strings.results.evaluation;
      this.toast.success(split === 'all' ? words.doneAll(name, data_name) : words.done(name, data_name, f1));
    }
  }

  #tagged({ name, status, done, failure }: Batch): void {
    const words = strings.batch.ended;
    if (status === 'failed') this.#broke(failure, words.failed(name));
    else if (status === 'finished') this.toast.success(words.finished(name, done));
  }

  #studyEnded(study: Study): void {
    if (this.#paused(study)) return;
    const words = strings.study.ended;
    if (study.status === 'failed') this.toast.error(words.failed(study.name), strings.train.ended.failedHint);
    else this.toast.success(words[study.status === 'finished' ? 'finished' : 'stopped'](study.name));
    void this.loadLibrary();
  }

  #pretrained(pretraining: Pretraining): void {
    if (this.#paused(pretraining)) return;
    const { name, status, helped, made, failure } = pretraining;
    const words = strings.pretraining.ended;
    if (status === 'failed') this.#broke(failure, words.failed(name));
    else if (status === 'stopped') this.toast.success(words.stopped(name));
    else this.toast.success(helped && made ? words.finished(made) : words.useless(name));
    void this.loadLibrary();
  }

  /** Whether the queue has paused it, which is no end. Says so. */
  #paused({ id, name, status }: { id: string; name: string; status: string }): boolean {
    const is = (entry: QueueEntry) => entry.target === id && ['paused', 'pausing'].includes(entry.status);
    const paused = status === 'stopped' && this.queue.entries.some(is);
    if (paused) this.toast.success(strings.queue.pausedNow(name));
    return paused;
  }

  #ended(run: Run): void {
    if (this.#paused(run)) return;
    if (run.status === 'failed') this.toast.error(strings.train.ended.failed(run.name), strings.train.ended.failedHint);
    else if (hasLearnedNothing(run))
      this.toast.error(strings.train.ended.nothing(run.name), strings.train.ended.nothingHint);
    else if (run.status === 'finished') this.toast.success(strings.train.ended.finished(run.name));
    else
      this.toast.success(strings.train.ended[run.step === 0 && !run.has_model ? 'stoppedBefore' : 'stopped'](run.name));
    void this.loadLibrary();
  }
}

/** A recommended model in the language of the window. */
function inWords(entry: ShelfEntry): ShelfEntry {
  const { groups, languages, licenses, advice } = strings.models.shelf;
  return {
    ...entry,
    group: groups[entry.group] ?? entry.group,
    language: languages[entry.language] ?? entry.language,
    license: licenses[entry.license] ?? entry.license,
    advice: advice[entry.id] ?? entry.advice,
  };
}

const KEY = Symbol('app');
export function provideApp(app: App): void {
  setContext(KEY, app);
}
export function useApp(): App {
  return getContext<App>(KEY);
}

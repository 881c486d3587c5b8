// The form of a new run: model, data, name and settings.

import type { Combination, Often, Run, RunPlan, RunRequest, TrainSettings } from '../client/client';
import { Loadable } from './loadable.svelte';
import { strings } from '../strings';
import {
  changedSettings,
  decidedValue,
  defaultSettings,
  faultOf,
  type SettingName,
  settingOf,
  settings,
} from './settings';

/** The seeds that a person may ask for, and the trials. */
const SEEDS = [2, 100] as const;
const TRIALS = [2, 1000] as const;

export class RunForm {
  /** How many layers a model of the library has, if that is known. */
  #layersOf = (_model: string): number | null => null;
  name = $state('');
  model = $state('');
  data = $state('');
  /** It was chosen in the form, so that it does not follow what Data shows. */
  isDataChosen = false;
  settings = $state<TrainSettings>({ ...defaultSettings });
  /** The device of new runs, as the person chose it in Settings. */
  #device = defaultSettings.device;
  often = $state<Often['kind']>('once');
  seeds = $state(3);
  trials = $state(12);
  /** How the models of several seeds become one, if they do. */
  combine = $state<Combination | null>(null);
  /** The settings that a search leaves alone. */
  leftOut = $state<string[]>([]);

  /** What the run will do, as far as model and data are chosen. */
  plan = $state.raw(new Loadable<RunPlan>());

  changed = $derived(changedSettings(this.settings));
  /** Those of them that are folded away. */
  changedAdvanced = $derived(this.changed.filter((key) => settingOf(key).group !== 'basic'));
  /** Settings that the engine would refuse, too. */
  faults = $derived(faultsOf(this.settings, this.#layersOf(this.model)));
  /** Why the list of mentions cannot be used; `null` where it can, or there is none. */
  listFault = $state<string | null>(null);
  ready = $derived(
    this.model !== '' && this.data !== '' && Object.keys(this.faults).length === 0 && this.listFault === null,
  );

  constructor(layersOf?: (model: string) => number | null) {
    if (layersOf) this.#layersOf = layersOf;
  }

  /** What a search draws from: as far as it is known, and not left out. */
  space = $derived((this.plan.value?.space ?? []).filter(({ setting }) => !this.leftOut.includes(setting)));
  /** Why it cannot be run so often. */
  oftenFault = $derived.by((): string | undefined => {
    const words = strings.train.often;
    const outside = (value: number, [low, high]: readonly [number, number]) =>
      !Number.isInteger(value) || value < low || value > high;
    if (this.often === 'seeds' && outside(this.seeds, SEEDS)) return strings.train.expected(words.seedsRange);
    if (this.often !== 'search') return undefined;
    if (outside(this.trials, TRIALS)) return strings.train.expected(words.trialsRange);
    if (this.plan.value && this.plan.value.space.length && !this.space.length) return words.choose;
    return undefined;
  });

  /** How often it is run, as the shell takes it. */
  get howOften(): Often {
    if (this.often === 'seeds') return { kind: 'seeds', seeds: this.seeds, combine: this.combine };
    if (this.often === 'search') return { kind: 'search', trials: this.trials, space: this.space };
    return { kind: 'once' };
  }

  request(fallback: string): RunRequest {
    return {
      often: $state.snapshot(this.howOften) as Often,
      name: this.name.trim() || fallback,
      model: this.model,
      data: this.data,
      settings: $state.snapshot(this.settings),
    };
  }

  /** What the engine chooses for a setting that is left open, if that is known. */
  chosen(setting: SettingName): string | undefined {
    const plan = this.plan.value;
    const decision = plan?.decisions.find((one) => one.setting === setting);
    return plan && decision && decidedValue(decision, plan.most_epochs);
  }

  forgetPlan(): void {
    if (this.plan.value) this.plan = new Loadable<RunPlan>();
  }

  /** The run or study that all of it was copied from; empty where a person began with the defaults. */
  copied = $state('');

  /** What has to be mended before it can start: a title and what is expected there; nothing where all is well. */
  obstacle = $derived.by((): string | undefined => {
    const words = strings.train;
    if (this.model === '' || this.data === '') return words.notReady;
    const [name] = Object.keys(this.faults) as SettingName[];
    if (name) return words.obstacle(settingOf(name).title, this.faults[name] ?? '');
    // How often it is run says beside its own field what is wrong.
    return this.listFault ?? undefined;
  });

  /** Copies everything from another run or study. */
  copy(run: Pick<Run, 'name' | 'model' | 'data' | 'settings'> & { often?: Often }, name: string): void {
    this.copied = run.name;
    const often = run.often ?? { kind: 'once' };
    this.often = often.kind;
    if (often.kind === 'seeds') [this.seeds, this.combine] = [often.seeds, often.combine ?? null];
    if (often.kind === 'search') this.trials = often.trials;
    this.name = name;
    this.model = run.model;
    this.chooseData(run.data);
    this.settings = { ...defaultSettings, ...run.settings };
  }

  chooseData(id: string): void {
    this.data = id;
    this.isDataChosen = true;
  }

  /** New runs compute on this device. */
  prefer(device: string): void {
    this.#device = device;
    this.settings.device = device;
  }

  /** Back to the defaults; model and data stay. */
  reset(): void {
    this.isDataChosen = false;
    this.copied = '';
    this.name = '';
    this.settings = { ...defaultSettings, device: this.#device };
    this.often = 'once';
    this.combine = null;
    this.leftOut = [];
  }
}

/** The invalid settings, each with what would be valid. `layers`: those of the chosen model, if known. */
export function faultsOf(all: TrainSettings, layers: number | null = null): Partial<Record<SettingName, string>> {
  const faults = settings.map((setting) => [setting.name, faultOf(setting, all, layers)] as const);
  return Object.fromEntries(faults.filter(([, fault]) => fault !== undefined));
}

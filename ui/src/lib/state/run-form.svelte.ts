// The form of a new run: model, data, name and settings.

import type { Run, RunPlan, RunRequest, TrainSettings } from '../client/client';
import { Loadable } from './loadable.svelte';
import { defaultSettings, faultOf, type SettingName, settings } from './settings';

export class RunForm {
  /** How many layers a model of the library has, if that is known. */
  #layersOf = (_model: string): number | null => null;
  name = $state('');
  model = $state('');
  data = $state('');
  settings = $state<TrainSettings>({ ...defaultSettings });

  /** What the run will do, as far as model and data are chosen. */
  plan = $state.raw(new Loadable<RunPlan>());

  changed = $derived(
    (Object.keys(defaultSettings) as SettingName[]).filter((key) => this.settings[key] !== defaultSettings[key]),
  );
  /** Settings that the engine would refuse, too. */
  faults = $derived(faultsOf(this.settings, this.#layersOf(this.model)));
  ready = $derived(this.model !== '' && this.data !== '' && Object.keys(this.faults).length === 0);

  constructor(layersOf?: (model: string) => number | null) {
    if (layersOf) this.#layersOf = layersOf;
  }

  request(fallback: string): RunRequest {
    return {
      name: this.name.trim() || fallback,
      model: this.model,
      data: this.data,
      settings: $state.snapshot(this.settings),
    };
  }

  /** What the engine chooses for a setting that is left open, if that is known. */
  chosen(setting: SettingName): string | undefined {
    return this.plan.value?.decisions.find((decision) => decision.setting === setting)?.value;
  }

  forgetPlan(): void {
    if (this.plan.value) this.plan = new Loadable<RunPlan>();
  }

  /** Copies everything from another run. */
  copy(run: Run, name: string): void {
    this.name = name;
    this.model = run.model;
    this.data = run.data;
    this.settings = { ...defaultSettings, ...run.settings };
  }

  reset(): void {
    this.name = '';
    this.settings = { ...defaultSettings, device: this.settings.device };
  }
}

/** The invalid settings, each with what would be valid. `layers`: those of the chosen model, if known. */
export function faultsOf(all: TrainSettings, layers: number | null = null): Partial<Record<SettingName, string>> {
  const faults = settings.map((setting) => [setting.name, faultOf(setting, all, layers)] as const);
  return Object.fromEntries(faults.filter(([, fault]) => fault !== undefined));
}

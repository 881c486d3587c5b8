// The form of a new run: model, data, name and settings.

import type { Run, RunRequest, TrainSettings } from '../client/client';
import { defaultSettings, faultOf, type SettingName, settings } from './settings';

export class RunForm {
  /** How many layers a model of the library has, if that is known. */
  #layersOf = (_model: string): number | null => null;
  name = $state('');
  model = $state('');
  data = $state('');
  settings = $state<TrainSettings>({ ...defaultSettings });

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

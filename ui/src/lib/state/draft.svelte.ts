// The run that is being prepared: model, data, name and settings, before anything starts.

import type { Run, RunRequest, TrainSettings } from '../client/client';
import { defaultSettings, faultOf, type SettingName, settings } from './settings';

export class Draft {
  /** How many layers a model of the library has, where that is known. */
  #layersOf = (_model: string): number | null => null;
  name = $state('');
  model = $state('');
  data = $state('');
  settings = $state<TrainSettings>({ ...defaultSettings });

  changed = $derived(
    (Object.keys(defaultSettings) as SettingName[]).filter((key) => this.settings[key] !== defaultSettings[key]),
  );
  /** The engine refuses the same ones. */
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

  /** Takes over everything of another run. */
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

/** The settings that make no sense, each with what would. `layers`: those of the chosen model, where they are known. */
export function faultsOf(all: TrainSettings, layers: number | null = null): Partial<Record<SettingName, string>> {
  const faults = settings.map((setting) => [setting.name, faultOf(setting, all, layers)] as const);
  return Object.fromEntries(faults.filter(([, fault]) => fault !== undefined));
}

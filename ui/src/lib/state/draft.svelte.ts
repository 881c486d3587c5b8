// The run that is being prepared: model, data, name and settings, before anything starts.

import type { Run, RunRequest, TrainSettings } from '../client/client';

/** The engine's own defaults; `null` leaves the choice to it. */
export const defaultSettings: Readonly<TrainSettings> = {
  epochs: null, batch_size: 16, gradient_accumulation: 1, learning_rate: null, schedule: 'linear', warmup_ratio: 0.1,
  weight_decay: 0.01, max_grad_norm: 1, dropout: null, frozen_layers: 0, max_length: 256, overlap: 64, dev_share: 0.1,
  early_stopping_patience: 6, checkpoint_minutes: 10, seed: 42, device: 'auto', precision: 'auto', gradient_checkpointing: false,
  eval_batch_size: 32, scheme: 'iob2', decoding: 'viterbi',
};

export type SettingName = keyof TrainSettings;

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
  /** The settings that make no sense, with what would. The engine refuses the same ones. */
  faults = $derived(faultsOf(this.settings, this.#layersOf(this.model)));
  ready = $derived(this.model !== '' && this.data !== '' && Object.keys(this.faults).length === 0);

  constructor(layersOf?: (model: string) => number | null) {
    if (layersOf) this.#layersOf = layersOf;
  }

  request(fallback: string): RunRequest {
    return { name: this.name.trim() || fallback, model: this.model, data: this.data, settings: $state.snapshot(this.settings) };
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

/** `layers`: those of the chosen model, where they are known. */
export function faultsOf(settings: TrainSettings, layers: number | null = null): Partial<Record<SettingName, string>> {
  const faults: Partial<Record<SettingName, string>> = {};
  const need = (name: SettingName, holds: boolean, expected: string) => {
    if (!holds) faults[name] = expected;
  };
  const whole = (value: number | null) => value === null || (Number.isInteger(value) && value > 0);
  const within = (value: number | null, below: number) => value === null || (value >= 0 && value < below);
  need('epochs', whole(settings.epochs), 'a whole number from 1, or nothing');
  need('batch_size', whole(settings.batch_size), 'a whole number from 1');
  need('gradient_accumulation', whole(settings.gradient_accumulation), 'a whole number from 1');
  need('eval_batch_size', whole(settings.eval_batch_size), 'a whole number from 1');
  need('learning_rate', settings.learning_rate === null || (settings.learning_rate > 0 && settings.learning_rate < 1), 'between 0 and 1, for instance 5e-5');
  need('warmup_ratio', within(settings.warmup_ratio, 1), 'from 0 up to, but not, 1');
  need('dropout', within(settings.dropout, 1), 'from 0 up to, but not, 1');
  need('weight_decay', within(settings.weight_decay, 1000), '0 or more');
  need('max_grad_norm', within(settings.max_grad_norm, 1e9), '0 or more');
  need('max_length', Number.isInteger(settings.max_length) && settings.max_length >= 8, 'at least 8');
  need('overlap', settings.overlap === null || (Number.isInteger(settings.overlap) && settings.overlap >= 0 && settings.overlap <= settings.max_length / 2), `at most ${Math.floor(settings.max_length / 2)} with this window`);
  need('early_stopping_patience', Number.isInteger(settings.early_stopping_patience) && settings.early_stopping_patience >= 0, 'a whole number from 0');
  need('checkpoint_minutes', settings.checkpoint_minutes >= 0, '0 or more');
  const { frozen_layers: frozen } = settings;
  need('frozen_layers', Number.isInteger(frozen) && frozen >= 0 && frozen <= (layers ?? Infinity), layers === null ? 'a whole number from 0' : `a whole number from 0 to ${layers}, the model’s layers`);
  need('seed', Number.isInteger(settings.seed) && settings.seed >= 0, 'a whole number from 0');
  return faults;
}

// The settings of a run as names and values for people.

import type { TrainSettings } from '../../client/client';
import { small } from '../../format';
import type { SettingName } from '../../state/draft.svelte';
import { strings } from '../../strings';

export interface SettingRow {
  key: SettingName;
  name: string;
  value: string;
}

const words = strings.train;
const few: Partial<Record<SettingName, string>> = {
  epochs: words.epochs, batch_size: words.batch, learning_rate: words.rate, device: words.device,
};
/** Import decides these, not a run. */
const hidden: SettingName[] = ['dev_share'];

export function settingRows(settings: TrainSettings): SettingRow[] {
  const keys = [...Object.keys(few), ...Object.keys(words.fields)] as SettingName[];
  return keys.filter((key) => !hidden.includes(key)).map((key) => ({ key, name: few[key] ?? words.fields[key]?.[0] ?? key, value: shown(settings[key]) }));
}

function shown(value: TrainSettings[SettingName]): string {
  if (value === null) return words.automatic;
  return typeof value === 'number' ? small(value) : String(value);
}

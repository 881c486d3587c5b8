// The settings of a run as names and values for people.

import type { Run, TrainSettings } from '../../client/client';
import { small } from '../../format';
import { defaultSettings, type SettingName } from '../../state/draft.svelte';
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

/** What an earlier version did not know had the default. */
export function settingRows(known: Run['settings']): SettingRow[] {
  const settings = { ...defaultSettings, ...known };
  const keys = [...Object.keys(few), ...Object.keys(words.fields)] as SettingName[];
  return keys.filter((key) => !hidden.includes(key)).map((key) => ({ key, name: few[key] ?? words.fields[key]?.[0] ?? key, value: shown(settings[key]) }));
}

function shown(value: TrainSettings[SettingName]): string {
  if (value === null) return words.automatic;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  return typeof value === 'number' ? small(value) : String(value);
}

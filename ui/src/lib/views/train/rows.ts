// The settings of a run as titles and values to show.

import type { Run } from '../../client/client';
import { defaultSettings, type SettingName, settings, shownValue, titleOf } from '../../state/settings';

export interface SettingRow {
  key: SettingName;
  name: string;
  value: string;
}

/** A setting that the run's version did not know had its default. */
export function settingRows(known: Run['settings']): SettingRow[] {
  const all = { ...defaultSettings, ...known };
  return settings.map((setting) => ({
    key: setting.name,
    name: titleOf(setting),
    value: shownValue(setting, all[setting.name]),
  }));
}

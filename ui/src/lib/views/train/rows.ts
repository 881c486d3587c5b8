// The settings of a run as titles and values to show.

import type { Run } from '../../client/client';
import type { Decision } from '../../client/contracts';
import { decidedValue, defaultSettings, type SettingName, settings, shownValue, titleOf } from '../../state/settings';
import { strings } from '../../strings';

export interface SettingRow {
  key: SettingName;
  name: string;
  value: string;
}

/** A setting that the run's version did not know had its default. `decisions`: what the engine chose for open ones. */
export function settingRows(known: Run['settings'], decisions: Decision[] = []): SettingRow[] {
  const all = { ...defaultSettings, ...known };
  return settings.map((setting) => {
    const decision = all[setting.name] === null && decisions.find((one) => one.setting === setting.name);
    return {
      key: setting.name,
      name: titleOf(setting),
      value: decision
        ? strings.train.chosen(decidedValue(decision, Number(/\d+/.exec(decision.value)?.[0])))
        : shownValue(setting, all[setting.name]),
    };
  });
}

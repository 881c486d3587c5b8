// The settings of a run as the engine describes them, and the check of a value before the engine sees it.

import type { RunRequest } from '../client/client';
import { type Decision, DEFAULT_SETTINGS, SETTINGS, type SettingField, type TrainSettings } from '../client/contracts';
import { small } from '../format';
import { strings } from '../strings';
import type { AnyField } from '../strings/en/fields';

export type SettingName = keyof TrainSettings;
export type Setting = SettingField & { name: SettingName };
export type Value = TrainSettings[SettingName];

/** In the order in which forms and tables show them. */
export const settings = (SETTINGS as unknown as readonly Setting[]).map(inWords);

/** A setting in the language of the window. */
function inWords(setting: Setting): Setting {
  const texts: Partial<Record<string, AnyField>> = strings.fields;
  const words = texts[setting.name];
  if (!words) return setting;
  const { title, help, unit = null, automatic = null, choices } = words;
  const { kind } = setting;
  return {
    ...setting,
    title,
    help,
    unit,
    automatic,
    kind:
      kind.kind === 'choice'
        ? { ...kind, choices: kind.choices.map(([name, english]) => [name, choices?.[name] ?? english]) }
        : kind,
  };
}

/** `null` means that the engine chooses. */
export const defaultSettings: Readonly<TrainSettings> = DEFAULT_SETTINGS;

/** The settings beyond the basic ones by group, in the order in which the groups first occur. */
export const advancedGroups = [...new Set(settings.map(({ group }) => group))].flatMap((group) =>
  group === 'basic' ? [] : [{ group, members: settings.filter((setting) => setting.group === group) }],
);

/** The groups of methods that are off unless a person wants them. */
const METHODS: readonly Setting['group'][] = ['head', 'balance', 'regularisation', 'augmentation', 'adapter', 'labels'];

/** Whether it belongs to a method beyond plain fine-tuning. */
export const isOfMethod = ({ group }: Setting): boolean => METHODS.includes(group);

export function settingOf(name: SettingName): Setting {
  const found = settings.find((setting) => setting.name === name);
  if (!found) throw new Error(`there is no setting ${name}`);
  return found;
}

/** The settings that a person has changed. One that an earlier version did not know had its default. */
export const changedSettings = (all: RunRequest['settings']): SettingName[] =>
  (Object.keys(defaultSettings) as SettingName[]).filter((name) => name in all && all[name] !== defaultSettings[name]);

/** Its title with its unit. */
export const titleOf = ({ title, unit }: Setting): string => (unit ? `${title} (${unit})` : title);

/** A value in words. */
export function shownValue({ kind }: Setting, value: Value): string {
  const words = strings.train;
  if (value === null) return words.automatic;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') return small(value);
  const choice = kind.kind === 'choice' ? kind.choices.find(([name]) => name === value) : undefined;
  return choice?.[1] ?? (value === 'auto' ? words.automatic : value);
}

/** Whether what the engine chose is a method beyond plain fine-tuning. */
export const isMethodInUse = ({ setting, value }: Decision): boolean =>
  isOfMethod(settingOf(setting as SettingName)) && value !== '0';

/** What the engine chose for a setting that was left open. */
export function decidedValue({ setting, value }: Decision, mostEpochs: number): string {
  const words = strings.train;
  if (setting === 'epochs') return words.atMost(mostEpochs);
  const its = settingOf(setting as SettingName);
  if (its.kind.kind === 'flag') return words.yes;
  const schedules: Partial<Record<string, string>> = words.schedules;
  return Number.isFinite(Number(value)) ? small(Number(value)) : (schedules[value] ?? shownValue(its, value));
}

/** If a value is invalid, what would be valid. `layers`: those of the model. */
export function faultOf(setting: Setting, all: TrainSettings, layers: number | null): string | undefined {
  const words = strings.train;
  const { kind, limit } = setting;
  const value = all[setting.name];
  if (kind.kind !== 'number' || value === null) return undefined;
  const isNumber = typeof value === 'number' && Number.isFinite(value) && (!kind.whole || Number.isInteger(value));
  const below = kind.below ?? Infinity;
  const inRange =
    isNumber && (kind.above ? value > kind.min : value >= kind.min) && (kind.closed ? value <= below : value < below);
  const most =
    limit === 'layers-of-model'
      ? layers
      : limit
        ? Math.floor((all[limit['half-of'] as SettingName] as number) / 2)
        : null;
  if (inRange && (most === null || value <= most)) return undefined;
  if (most === null) return words.expected(words.range(setting), setting.automatic !== null);
  return words.expected(
    limit === 'layers-of-model' ? words.layersAtMost(most) : words.halfAtMost(most),
    setting.automatic !== null,
  );
}

/** Learning rates above make nearly every model diverge, also with LoRA, whose rates are ten times those without. */
const HIGH_RATE = 0.01;

/** What a valid value may do that nobody wants. */
export function cautionOf(name: SettingName, all: TrainSettings): string | undefined {
  return name === 'learning_rate' && (all.learning_rate ?? 0) > HIGH_RATE ? strings.train.highRate : undefined;
}

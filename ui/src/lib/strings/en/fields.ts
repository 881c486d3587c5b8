// The settings of a run, as the engine describes them.

import { SETTINGS } from '../../client/contracts';

type Described = (typeof SETTINGS)[number];

/** The texts of a setting: its unit, what is chosen for it and its choices only where it has them. */
type FieldTexts<F extends Described> = { title: string; help: string } & (F['unit'] extends string
  ? { unit: string }
  : object) &
  (F['automatic'] extends string ? { automatic: string } : object) &
  (F['kind'] extends { kind: 'choice'; choices: readonly (readonly [infer K extends string, string])[] }
    ? { choices: Record<K, string> }
    : object);

export type Fields = { [F in Described as F['name']]: FieldTexts<F> };

/** The texts of any setting. */
export interface AnyField {
  title: string;
  help: string;
  unit?: string;
  automatic?: string;
  choices?: Partial<Record<string, string>>;
}

export const fields = Object.fromEntries(
  SETTINGS.map(({ name, title, help, unit, automatic, kind }): [string, AnyField] => [
    name,
    {
      title,
      help,
      ...(unit === null ? {} : { unit }),
      ...(automatic === null ? {} : { automatic }),
      ...(kind.kind === 'choice' ? { choices: Object.fromEntries(kind.choices) } : {}),
    },
  ]),
) as unknown as Fields;

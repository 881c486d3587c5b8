// Names that people give: two alike could not be distinguished.

import { strings } from '../strings';

/** Why a name cannot be given, beside those that others have. */
export function nameFault(name: string, taken: string[]): string | undefined {
  const wanted = name.trim().toLowerCase();
  if (!wanted) return strings.common.needName;
  return taken.some((other) => other.toLowerCase() === wanted) ? strings.common.nameTaken : undefined;
}

/** A name that is not taken: the wanted one, with a number from the second on. */
export function freeName(wanted: string, taken: string[]): string {
  const known = new Set(taken.map((name) => name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!known.has(name.toLowerCase())) return name;
  }
}

/** Whether two labels differ in nothing but capitals and separators: `company`, `Company`; `JOB_TITLE`, `job title`. */
export function isOneLabel(label: string, other: string): boolean {
  const bare = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return label !== other && bare(label) !== '' && bare(label) === bare(other);
}

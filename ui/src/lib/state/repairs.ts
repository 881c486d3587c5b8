// The names and descriptions of repairs, wherever they are offered, previewed or listed.

import type { Repair } from '../client/client';
import type { FileReport, Issue } from '../client/contracts';
import { fileName, percent } from '../format';
import { strings } from '../strings';

const words = strings.data.repair;

/** The title of its button. */
export function actionTitle(repair: Repair): string {
  if (repair.repair === 'map-labels') {
    const [only, ...more] = Object.entries(repair.labels);
    if (only && more.length === 0)
      return only[1] === null ? words.droppedLabel(only[0]) : words.renamed(only[0], only[1]);
  }
  if (repair.repair === 'shift-offsets') return words.moveBy(repair.by);
  return words.names[repair.repair][0];
}

/** Its title once it has been applied. */
export function doneTitle(repair: Repair): string {
  return words.names[repair.repair][1];
}

/** The titles of repairs that were applied at once, each kind named once. */
export function doneTitles(repairs: Repair[]): string {
  return [...new Set(repairs.map(doneTitle))].join(', ');
}

/** What it does exactly. */
export function repairDescription(repair: Repair): string {
  switch (repair.repair) {
    case 'convert-offsets':
      return words.convert(words.units[repair.from]);
    case 'shift-offsets':
      return words.shift(repair.by);
    case 'map-labels':
      return (
        Object.entries(repair.labels)
          .map(([from, to]) => (to === null ? words.droppedLabel(from) : words.renamed(from, to)))
          .join('; ') + '.'
      );
    case 'drop-duplicates':
      return words.duplicates(repair.near ?? false);
    case 'move-leaking':
      return words.leaking(repair.near ?? false);
    case 'hold-out':
      return words.heldOut(sharesOf(repair.shares), repair.seed);
    case 'split':
      return words.shares(sharesOf(repair.shares), repair.seed);
    case 'sample':
      return words.sampled(splitName(repair.split), repair.documents, repair.seed);
    default:
      return words.about[repair.repair];
  }
}

const sharesOf = (shares: Record<string, number>) =>
  Object.entries(shares)
    .map(([split, share]) => `${splitName(split)} ${percent(share)}`)
    .join(', ');

/** Whether it is applied while reading, and so before all others. */
export function isAtReading(repair: Repair): boolean {
  return [
    'convert-offsets',
    'shift-offsets',
    'inclusive-ends',
    'count-line-ends',
    'drop-invalid',
    'mask-unknown',
  ].includes(repair.repair);
}

/** What is wrong with a seed that was typed. */
export function seedFault(seed: number): string | undefined {
  return Number.isInteger(seed) && seed >= 0 ? undefined : strings.train.expected(strings.train.seedRange);
}

export function isSame(one: Repair, other: Repair): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The splits in the order in which they are shown. */
export const SPLITS = ['train', 'dev', 'test'] as const;

export function splitName(split: string): string {
  return strings.data.splits[split] ?? split;
}

/** Where a finding is: its split, its file if the split has several, and its line, as far as they are known. */
export function whereOf({ place, file, line }: Issue, parts: FileReport[]): string {
  const part = parts.find((one) => one.split === place?.split);
  // A line says nothing without its file, unless the split has only that one.
  return placeIn(parts, place?.split, file && part?.path !== file ? fileName(file) : undefined, line);
}

/** A location in a data set. A split that was held out of another has no file of its own: the other's is named. */
export function placeIn(
  parts: FileReport[],
  split: string | undefined,
  file: string | null | undefined,
  line: number,
): string {
  const path = parts.find((part) => part.split === split)?.path;
  const owner = path && parts.find((part) => part.path === path);
  return placeOf(split, file ?? (owner && owner.split !== split ? fileName(path) : null), line);
}

/** A location for people: `Train, a.conll, line 3`. */
export function placeOf(split: string | undefined, file: string | null | undefined, line: number): string {
  return [split && splitName(split), file, line ? strings.data.line(line) : strings.data.findings.wholeFile]
    .filter(Boolean)
    .join(', ');
}

/** The title of a kind of finding; for an unknown code, the code with spaces. */
export function titleOf(code: string): string {
  const titles: Partial<Record<string, string>> = strings.data.findings.titles;
  const words = code.replaceAll('-', ' ');
  return titles[code] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Why a kind of finding matters; nothing where it speaks for itself. */
export function reasonOf(code: string): string | undefined {
  const reasons: Partial<Record<string, string>> = strings.data.findings.reasons;
  return reasons[code];
}

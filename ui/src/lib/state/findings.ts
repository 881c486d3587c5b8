// Which findings of a data set are open, which the user ignores, and what repairing one would give.

import type { DataSet } from '../client/client';
import type { FindingGroup } from '../client/contracts';
import { actionTitle } from './repairs';

/** More of a kind than there were when it was ignored are shown again. */
export function isIgnored({ ignored }: DataSet, { code, count }: FindingGroup): boolean {
  return count <= (ignored?.[code] ?? -1);
}

/** The one number of findings that the window speaks of: errors and warnings, but not notes, which are only in the list. */
export function worthALook(groups: FindingGroup[]): FindingGroup[] {
  return groups.filter((group) => group.severity !== 'info');
}

/** What is to be looked at in a data set before training: what the user does not ignore. */
export function openFindings(set: DataSet): FindingGroup[] {
  return worthALook(set.check.groups.filter((group) => !isIgnored(set, group)));
}

/** Those whose repairs need no decision. */
export function safeOnes(groups: FindingGroup[]): FindingGroup[] {
  return groups.filter((group) => group.safe && group.repair);
}

/** Longer ones do not fit on a button. */
const SHORT = 32;

/** The title of the button that repairs a finding, with the first entity that it gives: `Move by −1 → Quill Notes`. */
export function fixTitle({ repair, example }: FindingGroup): string {
  if (!repair) return '';
  const title = actionTitle(repair);
  const moves = ['shift-offsets', 'inclusive-ends', 'convert-offsets', 'trim-spans', 'snap-to-words', 'join-tagged'];
  if (!moves.includes(repair.repair) || !example?.after) return title;
  const spell = (entity: { start: number; end: number; label: string }) =>
    `${entity.start} ${entity.end} ${entity.label}`;
  const known = new Set(example.before.entities.map(spell));
  const first = example.after.entities.find((entity) => !known.has(spell(entity)));
  return first && first.text.length <= SHORT && !first.text.includes('\n') ? `${title} → ${first.text}` : title;
}

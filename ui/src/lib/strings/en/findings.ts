// What is wrong with a data set.

import { FINDING_REASONS, FINDING_TITLES, type IssueCode } from '../../client/contracts';
import { count } from '../../format';
import { remedies } from './finding-remedies';
import { many } from './words';

export const findings = {
  none: 'No problems found',
  noneAbout: 'Every line could be read, and the splits fit together.',
  noneAboutOne: 'Every line could be read.',
  noneFit: 'No findings of this kind',
  severities: 'Severity',
  all: 'All',
  plural: { error: 'Errors', warning: 'Warnings', info: 'Notes' },
  kind: 'Kind',
  anyKind: 'Any kind',
  placesCount: (number: number) => (number === 1 ? 'in one place' : `in ${count(number)} places`),
  fix: 'What to do',
  places: (number: number) => (number === 1 ? 'Show it' : `Show all ${count(number)}`),
  preview: 'What the repair does first',
  explains: (kinds: [title: string, count: number][]) =>
    `This also explains: ${kinds.map(([title, number]) => `${title} (${count(number)})`).join(', ')}.`,
  ignore: 'Ignore',
  ignoreOf: (title: string) => `Ignore: ${title}`,
  ignoredNow: (title: string) => `“${title}” is ignored from now on.`,
  shownAgain: (title: string) => `“${title}” is shown again.`,
  ignored: (number: number) => `Ignored: ${count(number)}`,
  ignoredAbout: 'A kind comes back by itself when there are more of it than now.',
  showAgain: 'Show again',
  showAgainOf: (title: string) => `Show again: ${title}`,
  noneOpen: 'Nothing left to look at',
  noneOpenAbout: 'All other findings are ignored; they are listed below.',
  safe: (number: number) => `Repair all safe ones (${count(number)})`,
  safeTitle: (number: number) => `Repair ${many(number, 'finding', 'findings')}`,
  safeAbout:
    'These repairs need no decision: they only make the data exact. A model learns the same before and after, because it learns whole words.',
  safeGo: 'Repair all',
  look: (number: number) => `${many(number, 'finding', 'findings')}: look before you train.`,
  lookAt: 'Look at the findings',
  hide: 'Hide',
  placesOf: (title: string) => `Findings: ${title}`,
  more: 'Show more',
  listed: (listed: number, all: number) =>
    `The first ${count(listed)} of ${count(all)} are listed before the import, all of them after it.`,
  loading: 'Reading the findings…',
  failed: 'The findings could not be read',
  show: 'Show in the text',
  showAt: (split: string, line: number) => `Show in the text: ${split}, line ${count(line)}`,
  wholeFile: 'the whole file',
  planned: 'Repair planned',
  /** By the code of a finding. */
  titles: FINDING_TITLES as Record<IssueCode, string>,
  /** Why it matters; for those that do not speak for themselves. */
  reasons: FINDING_REASONS as Record<keyof typeof FINDING_REASONS, string>,
  remedies,
};

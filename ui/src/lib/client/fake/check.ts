// What the engine's check would say of documents, for the kinds of findings that the demonstration has.

import type { ModelCheck, Repair } from '../client';
import type { FindingGroup, Issue } from '../contracts';
import type { Splits } from './corpus';
import { snapped } from './repairs';
import { labelsOf, words } from './statistics';

export function findingsOf(splits: Splits, path: (split: string) => string): Issue[] {
  const found: Issue[] = [];
  const say = (
    code: string,
    severity: Issue['severity'],
    split: string,
    document: number,
    rest: Pick<Issue, 'message' | 'found' | 'fix'> & { range?: [number, number]; repair?: Repair },
  ) => {
    const { range, repair, ...words } = rest;
    const line = splits[split]?.[document]?.line ?? 0;
    found.push({
      severity,
      code,
      file: path(split),
      line,
      column: range ? range[0] + 1 : null,
      ...words,
      count: 1,
      repair: repair ?? null,
      place: line ? { split, document, range: range ?? null } : null,
    });
  };
  const inTrain = new Map((splits['train'] ?? []).map((doc): [string, number] => [doc.text, doc.line]));
  for (const [split, documents] of Object.entries(splits)) {
    const seen = new Map<string, number>();
    documents.forEach((doc, place) => {
      for (const entity of doc.entities) {
        const range: [number, number] = [entity.start, entity.end];
        if (entity.text !== entity.text.trim()) {
          say('span-edge-space', 'warning', split, place, {
            range,
            found: entity.text,
            message: `the \`${entity.label}\` span “${entity.text}” ends in white space`,
            fix: 'leave the white space at its edges out',
            repair: { repair: 'trim-spans' },
          });
        } else if (snapped(entity, doc.text)?.text !== entity.text) {
          say('span-cuts-word', 'warning', split, place, {
            range,
            found: entity.text,
            message: `the \`${entity.label}\` span “${entity.text}” ends in the middle of a word`,
            fix: 'widen it to the whole word',
            repair: { repair: 'snap-to-words' },
          });
        }
      }
      const before = seen.get(doc.text);
      if (before !== undefined)
        say('duplicate', 'info', split, place, {
          found: doc.text.slice(0, 60),
          message: `this document repeats the one in line ${before}`,
          fix: 'keep the first of them',
          repair: { repair: 'drop-duplicates', near: false },
        });
      seen.set(doc.text, before ?? doc.line);
      if (split !== 'train' && inTrain.has(doc.text)) {
        say('overlap', 'warning', split, place, {
          found: doc.text.slice(0, 60),
          message: `this document of \`${split}\` stands in \`train\` too, in line ${inTrain.get(doc.text)}`,
          fix: `keep it in one part only`,
          repair: { repair: 'move-leaking', near: false },
        });
      }
    });
  }
  found.push(...labelFindings(splits, path));
  return found;
}

function labelFindings(splits: Splits, path: (split: string) => string): Issue[] {
  const train = labelsOf(splits['train'] ?? []);
  const all = labelsOf(Object.values(splits).flat());
  const whole = { file: path('train'), line: 0, column: null, count: 1, place: null };
  return Object.keys(all)
    .sort()
    .flatMap((label): Issue[] => {
      const like = Object.keys(all).find(
        (other) =>
          other !== label && other.toLowerCase() === label.toLowerCase() && (all[other] ?? 0) > (all[label] ?? 0),
      );
      if (like) {
        return [
          {
            ...whole,
            severity: 'warning',
            code: 'labels-alike',
            found: label,
            message: `the labels \`${label}\` (${all[label]}) and \`${like}\` (${all[like]}) differ only in capitals`,
            fix: `rename \`${label}\` to \`${like}\``,
            repair: { repair: 'map-labels', labels: { [label]: like } },
          },
        ];
      }
      if (!train[label])
        return [
          {
            ...whole,
            severity: 'warning',
            code: 'label-not-in-train',
            found: label,
            message: `the label \`${label}\` never occurs in \`train\`: it cannot be learned`,
            fix: 'check its spelling, or add examples to the training data',
            repair: null,
          },
        ];
      if (train[label] < 10)
        return [
          {
            ...whole,
            severity: 'info',
            code: 'label-rare',
            found: label,
            message: `the label \`${label}\` has only ${train[label]} examples in \`train\``,
            fix: 'mark more examples, or leave the label out',
            repair: null,
          },
        ];
      return [];
    });
}

/** As a model would read it that makes four pieces of three words. */
export function readByModel(splits: Splits, maxLength: number): ModelCheck {
  const issues: Issue[] = [];
  const numbers = Object.entries(splits).map(([split, documents]) => {
    const pieces = documents.map((doc) => Math.ceil((words(doc.text) * 4) / 3));
    const windows = pieces.map((number) => Math.max(1, Math.ceil(number / (maxLength - 2))));
    pieces.forEach((number, document) => {
      const several = windows[document] ?? 1;
      const { text = '', line = 0 } = documents[document] ?? {};
      if (several > 1)
        issues.push({
          severity: 'info',
          code: 'too-long',
          file: '',
          line,
          column: null,
          found: text.slice(0, 60),
          message: `the text has ${number} word pieces and is read in ${several} windows of ${maxLength}`,
          fix: 'nothing need be done',
          repair: null,
          place: { split, document, range: null },
          count: 1,
        });
    });
    const sum = (all: number[]) => all.reduce((one, other) => one + other, 0);
    return {
      split,
      pieces: sum(pieces),
      unknown: 1,
      words_without_pieces: 0,
      longest: Math.max(0, ...pieces),
      split_documents: windows.filter((number) => number > 1).length,
      windows: sum(windows),
    };
  });
  return { splits: numbers, groups: groupsOf(issues), issues };
}

const WHY: Record<string, string> = {
  'span-edge-space':
    'A model marks whole words: a mark that takes a space with it counts as wrong however well it is found.',
  'span-cuts-word': 'A model marks whole words: half a word can be neither learned nor scored.',
  duplicate: 'What is there twice counts twice: the model leans towards it.',
  overlap: 'A model knows by heart what it has learned from: the scores will be better than they should.',
  'labels-alike': 'Two spellings are two labels: the examples of one are counterexamples of the other.',
  'label-rare': 'Under ten examples, a label is mostly not learned, and its scores are chance.',
  'label-not-in-train': 'A label without examples counts as missed each time it occurs.',
  'tag-repaired': 'Other programs read such tags in other ways, so that their scores cannot be compared.',
  'too-few-columns': 'Without its tag nobody knows whether the word belongs to an entity.',
};
const ORDER = { error: 0, warning: 1, info: 2 };

/** Findings by kind: errors first, then the more frequent. */
export function groupsOf(findings: Issue[]): FindingGroup[] {
  const kinds = new Map<string, Issue[]>();
  for (const issue of findings) kinds.set(issue.code, [...(kinds.get(issue.code) ?? []), issue]);
  return [...kinds.values()]
    .map((all): FindingGroup => {
      const first = all[0] as Issue;
      return {
        code: first.code,
        severity: first.severity,
        count: all.length,
        first,
        why: WHY[first.code] ?? null,
        fix: first.fix,
        repair: joined(all),
      };
    })
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || b.count - a.count);
}

/** Of several labels to be renamed, all at once. */
function joined(findings: Issue[]): Repair | null {
  const [first] = findings;
  if (first?.repair?.repair !== 'map-labels') return first?.repair ?? null;
  return {
    repair: 'map-labels',
    labels: Object.assign(
      {},
      ...findings.map((issue) => (issue.repair?.repair === 'map-labels' ? issue.repair.labels : {})),
    ) as Record<string, string>,
  };
}

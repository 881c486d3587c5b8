// Changes to a data set: labels, repairs, splits, samples.

import type { Repair } from '../../client/client';
import { count } from '../../format';
import { many } from './words';

export const labelEditor = {
  about: 'Rename, merge or drop labels. Nothing changes before you have seen a preview.',
  name: 'Name',
  nameOf: (label: string) => `New name of ${label}`,
  choose: (label: string) => `Choose ${label}`,
  chooseAll: 'Choose all labels',
  examples: 'Examples',
  drop: 'Drop',
  dropOf: (label: string) => `Drop ${label}`,
  keep: 'Keep',
  keepOf: (label: string) => `Keep ${label}`,
  dropped: 'will be dropped',
  merge: 'Merge',
  mergeHint: 'Choose two or more labels to merge them.',
  mergeInto: (labels: number) => `Merge the ${count(labels)} chosen labels`,
  into: (label: string) => `merged into ${label}`,
  empty: 'A label needs a name. To remove it, drop it.',
  changes: (labels: number) => `${many(labels, 'label changes', 'labels change')}`,
  discard: 'Discard',
  preview: 'Preview…',
  none: 'No labels',
  noneAbout: 'This data set has no labelled entities.',
};

export const repair = {
  title: 'Repair',
  loading: 'Preparing a preview',
  failed: 'The preview could not be made',
  /** The title of its button, and its title once it has been applied. */
  names: {
    'convert-offsets': ['Convert the offsets', 'Offsets converted'],
    'shift-offsets': ['Shift the offsets', 'Offsets shifted'],
    'inclusive-ends': ['Count the last character in', 'Last characters counted in'],
    'count-line-ends': ['Count line ends otherwise', 'Line ends counted otherwise'],
    'drop-invalid': ['Leave out what cannot be used', 'What cannot be used left out'],
    'mask-unknown': ['Learn nothing from unknown words', 'Unknown words left out of training'],
    'trim-spans': ['Trim entities', 'Entities trimmed'],
    'snap-to-words': ['Extend to whole words', 'Entities extended to whole words'],
    'repair-tags': ['Repair the tags', 'Tags repaired'],
    'map-labels': ['Change labels', 'Labels changed'],
    'join-tagged': ['Join tagged words', 'Tagged words joined'],
    'drop-duplicates': ['Drop duplicates', 'Duplicate documents dropped'],
    'move-leaking': ['Move to train', 'Shared documents moved to train'],
    'hold-out': ['Hold out dev and test', 'Dev and test held out'],
    split: ['Split again', 'Split again'],
    sample: ['Take a sample', 'Sampled'],
  } as Record<Repair['repair'], [string, string]>,
  about: {
    'inclusive-ends': 'The end of each entity is its last character, so that one is added to it.',
    'count-line-ends': 'The offsets count the end of a line otherwise than the text has it.',
    'drop-invalid':
      'What cannot be used is left out and counted: entities outside their text, without text or without a label, and lines and records that cannot be read. Entities that overlap stay.',
    'mask-unknown':
      'Words that a partly labelled file says nothing about are left out of the loss and of the scores, instead of counting as outside every entity.',
    'join-tagged': 'Words labelled B-… and I-… become one entity with the label behind the letter.',
    'trim-spans': 'White space at the edges of entities is removed.',
    'snap-to-words': 'Entities that start or end inside a word are extended to its edges.',
    'repair-tags': 'Tags that break their scheme are read as conlleval reads them, and written as valid tags.',
  },
  units: { characters: 'characters', bytes: 'bytes', utf16: 'UTF-16 units' },
  moveBy: (by: number) => `Move by ${by < 0 ? '−' : '+'}${count(Math.abs(by))}`,
  convert: (unit: string) => `Offsets are read as counting ${unit}.`,
  shift: (by: number) => `${by > 0 ? `${count(by)} is added to` : `${count(-by)} is subtracted from`} every offset.`,
  renamed: (from: string, to: string) => `${from} becomes ${to}`,
  droppedLabel: (label: string) => `${label} is dropped`,
  duplicates: (near: boolean) =>
    `Of documents that are ${near ? 'identical or nearly identical' : 'identical'} within a split, the first is kept.`,
  leaking: (near: boolean) =>
    `Documents of dev and test whose text${near ? ', or nearly the same text,' : ''} is also in train are moved to train.`,
  heldOut: (shares: string, seed: number) => `Splits without a file are held out from train: ${shares}; seed ${seed}.`,
  shares: (shares: string, seed: number) => `${shares}; seed ${seed}.`,
  sampled: (split: string, documents: number, seed: number) =>
    `${split} keeps ${many(documents, 'document', 'documents')}; seed ${seed}.`,
  counts: {
    spans: (number: number) => `${many(number, 'entity changes', 'entities change')}`,
    documents: (number: number) => `in ${many(number, 'document', 'documents')}`,
    removed: (number: number) => `${many(number, 'document is', 'documents are')} dropped`,
    moved: (number: number) => `${many(number, 'document moves', 'documents move')} to another split`,
    nothing: 'This changes nothing here.',
  },
  examples: 'Examples',
  before: 'Before',
  after: 'After',
  gone: 'dropped',
  movedTo: (split: string) => `moves to ${split}`,
  more: (number: number) => `and ${many(number, 'more document', 'more documents')}`,
  apply: 'Repair',
  safe: 'The imported file stays as it is, and this can be undone.',
  working: 'Repairing',
  done: (what: string) => `${what}.`,
  redo: 'Redo',
  undone: (what: string) => `Undone: ${what}.`,
  near: 'Include near-duplicates',
};

export const recipe = {
  about: 'Changes applied, in order. A new version of the files gets the same repairs.',
  none: 'No repairs made',
  noneAbout: 'The data is as it was imported. What you repair under Findings and Labels is listed here.',
  list: 'Repairs, in order',
  atReading: 'while reading',
  undo: 'Undo the last',
  redo: (what: string) => `Redo: ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
  undoing: 'Undoing',
  update: 'Use a new version of the files…',
};

export const split = {
  title: 'Split again',
  about:
    'Merges all documents and splits them again, stratified by label. Documents with the same text stay in one split.',
  shares: 'Shares',
  percent: (split: string) => `${split}, %`,
  sum: (sum: string) => `The sum is ${sum} %; it must be 100 %.`,
  range: 'Each share must be from 0 to 100 %, and train must not be empty.',
  seed: 'Seed',
  seedHelp: 'Fixes which document goes where. The same seed and shares always give the same splits.',
  expected: 'Expected entities of each label',
  few: 'Splits with fewer than 10 entities of a label say little about it.',
  go: 'Split again',
  done: 'The data was split again.',
  button: 'Split again…',
};

export const sampling = {
  title: 'Take a sample',
  about: 'Keeps a random sample of a split, in its original order, for a quick trial before you train on everything.',
  keep: 'Documents to keep',
  range: (all: number) => (all > 1 ? `From 1 to ${count(all - 1)}` : 'This split has one document.'),
  go: 'Take a sample',
  button: 'Take a sample…',
};

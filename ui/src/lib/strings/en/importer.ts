// The import dialog.

import { type FormatName, FORMATS } from '../../client/contracts';
import { count, hundredths } from '../../format';
import { many } from './words';

export const importer = {
  title: 'Import data',
  about: 'Your files stay where they are; the library keeps a copy.',
  updateTitle: (name: string) => `A new version of “${name}”`,
  updateAbout: (repairs: number) =>
    repairs
      ? `The same ${many(repairs, 'repair', 'repairs')} will be applied to it.`
      : 'It replaces the current version.',
  dropTitle: 'Drop files or a folder here',
  dropAbout:
    'CoNLL, JSON and JSONL of all kinds, CSV, Parquet, Arrow, brat, plain text, also compressed as .gz or .zip. The format is detected automatically.',
  pickFiles: 'Choose files…',
  example: 'What such files look like',
  pickFolder: 'Choose a folder…',
  addFiles: 'Add files…',
  addFolder: 'Add a folder…',
  readAgain: 'Read again',
  files: 'Files',
  remove: (file: string) => `Remove ${file} from the list`,
  splitOf: (file: string) => `Split of ${file}`,
  splitAuto: (split: string) => `${split} (detected)`,
  splitUnknown: 'Detected',
  whole: 'Several, detected',
  change: 'Change how it is read',
  asFound: 'Detect',
  fields: {
    format: 'Format',
    encoding: 'Encoding',
    scheme: 'Tag scheme',
    offsets: 'Offsets count',
    shift: 'Shift offsets by',
    lineEnds: 'Line ends count as',
    annotator: 'Annotations of',
    labels: 'Names of numeric tags',
  },
  labelsPlaceholder: 'O, B-PER, I-PER, …',
  labelsHelp: 'For files whose tags are numbers: the tag names in the order of the numbers, separated by commas.',
  offsetsHelp:
    'What the start and end of an entity count. Python, doccano and spaCy count characters; Java and JavaScript count UTF-16 units; some programs count bytes.',
  asText: { table: 'Import it as texts without labels', text: 'Import it as text, one document per line' },
  asTextAbout: 'Nothing can be learned from it, but a model can tag it.',
  lineEnds: {
    'as-written': 'as written',
    joined: 'one, also CR LF',
    doubled: 'two, also LF',
  },
  lineEndsHelp:
    'Some programs change the line ends of a text before or after it is labelled. Then entities further down are off by one for each line.',
  inclusiveEnds: 'The end of an entity is its last character',
  inclusiveHelp: 'Most programs write the position behind the last character. Some write that of the last one.',
  annotators: {
    'ground-truth': 'the ground truth, else the first',
    majority: 'the majority',
  },
  annotatorHelp:
    'Several people annotated the same texts. What is marked as the ground truth comes first; without one, you decide who is read. Where they differ is listed under Findings.',
  maskUnknown: 'Learn nothing from unknown words',
  maskHelp:
    'This file is labelled in part: of some words it does not say whether they belong to an entity. With this option they are left out of the loss and of the scores; otherwise they count as outside.',
  dropInvalid: 'Keep one of overlapping entities, and leave out what cannot be used',
  dropHelp:
    'What cannot be used stops an import: entities outside their text, without text or without a label, and lines and records that cannot be read. With this option all of it is left out, counted and listed; in a table of words the whole sentence. Entities that overlap stop no import and stay without it. With it, the one that starts first stays, and of two that start together the longer one.',
  kinds: FORMATS as Record<FormatName, string>,
  encodings: [
    'utf-8',
    'utf-16le',
    'utf-16be',
    'windows-1252',
    'iso-8859-2',
    'iso-8859-15',
    'windows-1250',
    'windows-1251',
    'koi8-r',
    'shift_jis',
    'euc-jp',
    'gb18030',
    'big5',
    'euc-kr',
  ],
  columnsTitle: 'Columns',
  columnsAbout: 'Choose what each column contains.',
  columnRoles: { token: 'word', tag: 'tag', sentence: 'sentence', none: 'not used' },
  textRoles: { token: 'text', tag: 'entities', sentence: 'group', none: 'not used' },
  columnIs: (name: string, role: string) => `Column ${name}: ${role}`,
  preview: 'Preview',
  findings: 'Findings',
  repairs: 'Repairs',
  previewNone: 'No documents to show',
  previewAbout: (shown: number, all: number) =>
    shown < all ? `The first ${count(shown)} of ${count(all)}` : many(all, 'document', 'documents'),
  repairsNone: 'No repairs chosen',
  repairsNoneAbout: 'Repairs that you choose under Findings are listed here and applied with the import.',
  removeRepair: (what: string) => `Remove from list: ${what}`,
  looking: 'Reading the files',
  lookFailed: 'The files could not be read',
  cancelled: 'Stopped',
  cancelledAbout: 'The files were not read completely.',
  name: 'Name',
  /** Those that have no file are held out of train: `null` for one that has. */
  shares: (learn: number, choose: number | null, test: number | null) =>
    [
      `${hundredths(learn)} to learn from`,
      choose === null ? '' : `${hundredths(choose)} to choose the best model`,
      test === null ? '' : `${hundredths(test)} to test`,
    ]
      .filter(Boolean)
      .join(' · '),
  noTrain: 'None of the files is train, so that no model can be trained on them; they can score one.',
  sharesUnknown: 'What is held out for dev and test depends on the files that cannot be read yet.',
  sharesChange: 'Change',
  sharesDone: 'Hide',
  devShare: 'Dev share, %',
  testShare: 'Test share, %',
  shareHelp:
    'Documents are chosen at random with the seed, so the same numbers always give the same splits. Dev decides which model is kept; test is scored once, at the end.',
  seed: 'Seed',
  summary: (documents: number, entities: number, labels: number) =>
    `${many(documents, 'document', 'documents')}, ${many(entities, 'entity', 'entities')}, ${many(labels, 'label', 'labels')}`,
  blocked: 'These files cannot be imported yet. Change how they are read, or fix the lines with errors.',
  blockedMissing: 'A file cannot be opened. Take it off the list, or choose another one.',
  takeOff: 'Take it off the list',
  leaveTitle: 'Discard this import?',
  leaveAbout: (repairs: number, files: number) =>
    [
      repairs ? `${many(repairs, 'chosen repair', 'chosen repairs')}` : '',
      files ? `the options of ${many(files, 'file', 'files')}` : '',
    ]
      .filter(Boolean)
      .join(' and ')
      .replace(/^./, (letter) => letter.toUpperCase()) + ' will be lost. The files themselves stay as they are.',
  leaveGo: 'Discard',
  orSample: 'or use the sample data',
  go: 'Import',
  goUpdate: 'Replace',
  working: 'Importing',
  shareFault: 'The sum must be less than 100 %',
  done: (name: string) => `“${name}” was imported.`,
  updated: (name: string) => `“${name}” was updated.`,
};

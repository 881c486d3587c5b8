// The screen Tag files.

import type { PredictionFormat } from '../../client/contracts';
import { count } from '../../format';
import { many } from './words';

export const batch = {
  title: 'Tag files',
  about: 'Find entities in many texts at once, and take them away as a table.',
  loading: 'Reading the tagged files…',
  failed: 'The tagged files could not be read',
  list: 'Tagged files',
  none: 'Nothing tagged yet.',
  new: 'New',
  what: 'What to tag',
  with: 'With which model',
  drop: 'Drop files or a folder here: text, CSV, JSONL, Parquet. Labels in them are ignored.',
  pickFiles: 'Choose files…',
  pickFolder: 'Choose a folder…',
  orData: 'or a data set…',
  files: (files: number) => many(files, 'file', 'files'),
  column: 'Text in',
  remove: (name: string) => `Remove ${name} from the list`,
  first: 'The first texts',
  noTexts: 'No text here.',
  /** Files with a fault, before the start and after it. */
  skipped: {
    before: {
      title: (files: number) => `${count(files)} of the first files cannot be read to the end`,
      taken: (texts: number) =>
        texts === 0
          ? 'No text of it will be taken.'
          : `${many(texts, 'text', 'texts')} before the fault will be taken, and the rest left out.`,
    },
    after: {
      title: (files: number) => `${many(files, 'file', 'files')} could not be read to the end`,
      taken: (texts: number) =>
        texts === 0
          ? 'No text of it was taken.'
          : `${many(texts, 'text', 'texts')} before the fault ${texts === 1 ? 'was' : 'were'} taken, and the rest left out.`,
    },
  },
  lookFailed: 'The files could not be read',
  whole: 'Each text file is one document',
  wholeAbout: '(otherwise each line is)',
  model: 'Model',
  name: 'Name',
  start: 'Start tagging',
  needFiles: 'Choose files or a data set first.',
  needModel: 'Choose a model first.',
  needReadable: 'Remove the files that cannot be read, or choose another column.',
  busy: (name: string) => `“${name}” is being tagged. Stop it, or wait until it is done.`,
  noModel: 'No trained model yet',
  noModelAbout: 'Tagging needs a model that has learned your labels. Train one first: it takes a few minutes.',
  status: {
    reading: 'Reading',
    tagging: 'Tagging',
    indexing: 'Making it searchable',
    finished: 'Finished',
    stopped: 'Stopped',
    failed: 'Failed',
  },
  documents: (documents: number) => many(documents, 'document', 'documents'),
  sources: (names: string[]) =>
    names.length > 2 ? `${names[0]} and ${count(names.length - 1)} more` : names.join(', '),
  reading: (read: number) => `Reading: ${many(read, 'document', 'documents')} so far`,
  progress: (done: number, total: number) => `${count(done)} of ${many(total, 'document', 'documents')}`,
  left: (time: string) => `about ${time} left`,
  kept: (done: number, total: number) =>
    `${count(done)} of ${many(total, 'document', 'documents')} are tagged and kept. Resuming goes on from there.`,
  resume: 'Resume',
  nothing: 'The model found nothing in these texts.',
  format: 'Export as',
  formats: { csv: 'CSV, a row per entity', jsonl: 'JSONL', parquet: 'Parquet', html: 'HTML page' } satisfies Record<
    PredictionFormat,
    string
  >,
  export: 'Export…',
  exportTitle: 'Which documents are to be exported?',
  exportAbout: (shown: number, all: number) =>
    `With the search and the label on screen, ${count(shown)} of ${many(all, 'document', 'documents')} are shown.`,
  exportShown: (shown: number) => `Export the ${count(shown)} shown`,
  exportAll: (all: number) => `Export all ${count(all)}`,
  exporting: 'Writing',
  exported: (path: string) => `Exported to ${path}.`,
  delete: 'Delete these results',
  removeAbout: 'What was found is deleted. The files themselves stay.',
  ended: {
    finished: (name: string, documents: number) => `“${name}” is tagged: ${many(documents, 'document', 'documents')}.`,
    failed: (name: string) => `“${name}” could not be tagged completely.`,
  },
};

// The overview of a data set: its counts, and whether its annotators agree.

import { count } from '../../format';
import { many } from './words';

export const statistics = {
  loading: 'Counting…',
  failed: 'The statistics could not be read',
  perDocument: 'Entities per document',
  perDocumentAbout: (documents: number) =>
    documents ? `${many(documents, 'document has', 'documents have')} none.` : 'Every document has at least one.',
  perDocumentBin: (from: number, to: number, documents: number) =>
    `${to - from > 1 ? `${from} to ${to - 1} entities` : many(from, 'entity', 'entities')}: ${many(documents, 'document', 'documents')}`,
  density: 'Words in entities',
  densityHelp:
    'The share of words that belong to an entity. Below 1 % a model learns slowly, because almost none of the words that it sees have a label.',
  shares: 'Share of each label in the entities of each split',
  share: (split: string, share: string, number: number) => `${split}: ${share}, ${count(number)}`,
  overlap: 'Overlap between splits',
  overlapAbout: 'A model memorises the documents of train. If they are also in dev or test, the scores are too good.',
  overlapNone: 'No text is in two splits.',
  overlapOf: (second: string, first: string) => `${second} in ${first}`,
  same: (documents: number) => many(documents, 'duplicate', 'duplicates'),
  near: (documents: number) => `${many(documents, 'near-duplicate', 'near-duplicates')}`,
  oneSplit: 'There is only one split.',
};

export const agreement = {
  title: 'Agreement of the annotators',
  about: (people: number, texts: number) =>
    `${many(people, 'person', 'people')} annotated ${many(texts, 'text', 'texts')}: ${people === 2 ? 'Cohen’s kappa' : 'Krippendorff’s alpha'}, by words. 1 is full agreement, 0 what chance alone would give.`,
  people: (names: string[], more: number) => (more ? `${names.join(', ')} and ${count(more)} more` : names.join(', ')),
  label: 'Label',
  value: (people: number) => (people === 2 ? 'Kappa' : 'Alpha'),
  votes: 'Words marked',
  all: 'All labels',
  undefined: 'not defined',
};

// Scoring a model on another data set.

import { count, score } from '../../format';
import { many } from './words';

export const evaluation = {
  new: 'Score a model on another data set…',
  title: 'Score a model',
  about: 'Compares the entities that a model finds with those labelled in a data set.',
  model: 'Model',
  data: 'Data set',
  split: 'Split to score',
  go: 'Score',
  documents: (number: number) => many(number, 'document', 'documents'),
  splitOption: (name: string, documents: number) => `${name} (${count(documents)})`,
  each: 'Each split is scored on its own; there is no figure for all of them together.',
  learned: 'The model was trained on these texts, so it will look better than it is.',
  unknown: (labels: string[]) => `The model does not know ${labels.join(', ')}. Such entities will count as missed.`,
  needModel: 'There is no model with labels yet. Train one, or add one in Models.',
  needData: 'There is no data set yet. Import one in Data.',
  of: (data: string, part: string) => `${data} · ${part}`,
  status: { running: 'Scoring', finished: 'Finished', cancelled: 'Cancelled', failed: 'Failed' },
  preparing: 'Reading the model…',
  progress: (done: number, total: number) => `${count(done)} of ${many(total, 'document', 'documents')}`,
  cancel: 'Cancel',
  again: 'Score again',
  cancelled: 'Cancelled',
  cancelledAbout: 'It was stopped before all documents were scored, so there are no scores.',
  failed: 'Scoring failed',
  remove: 'Delete these scores',
  removeTitle: 'Delete these scores?',
  removeAbout: 'The model and the data stay.',
  listLoading: 'Reading…',
  listFailed: 'These scores could not be read',
  done: (model: string, data: string, f1: number | null) => `${model} on ${data}: F1 ${score(f1)}.`,
  doneAll: (model: string, data: string) => `${model} is scored on each split of ${data}.`,
  broke: (model: string, data: string) => `Scoring ${model} on ${data} failed.`,
};

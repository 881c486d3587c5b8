// The screen Results.

import { count, score } from '../../format';
import { many } from './words';

export const results = {
  title: 'Results',
  about: 'How good a model is, and where it goes wrong.',
  loading: 'Reading the scores…',
  failed: 'The scores could not be read',
  empty: 'No scores yet',
  emptyAbout:
    'Each run is scored when it ends. Train a model to see its results here, or score an existing model on your own data.',
  goTrain: 'Go to Train',
  runsLoading: 'Reading the runs…',
  runsFailed: 'The runs could not be read',
  list: 'Scores',
  runs: 'Runs on their own data',
  others: 'On other data',
  noRuns: 'None yet.',
  split: 'Split',
  f1: (f1?: number | null) => `F1 ${score(f1)}`,
  tabs: { scores: 'Scores', confusion: 'Confusion', errors: 'Wrong predictions' },
  conventions: {
    conlleval: 'Scored as conlleval does: an entity counts if both its label and its boundaries are correct.',
    strict: 'Scored as seqeval’s strict mode: tags that break the scheme do not form an entity.',
  },
  decodings: { viterbi: 'Decoded with Viterbi.', argmax: 'Decoded with argmax.' },
  of: (documents: number, words: number) =>
    `${many(documents, 'document', 'documents')}, ${many(words, 'word', 'words')}, all of them scored.`,
  moved: (entities: number) => `${many(entities, 'entity was', 'entities were')} extended to whole words.`,
  lost: (entities: number) =>
    `${many(entities, 'entity shares', 'entities share')} a word with another and could not be scored.`,
  columns: { label: 'Label', precision: 'Precision', recall: 'Recall', f1: 'F1', support: 'Entities' },
  overall: 'Overall',
  macro: 'Macro average',
  accuracy: 'Token accuracy',
  precisionHelp: 'The percentage of predicted entities that are correct.',
  recallHelp: 'The percentage of labelled entities that were found.',
  gold: 'Labelled',
  predicted: 'Predicted',
  missed: 'Missed',
  spurious: 'False alarm',
  confusionAbout:
    'Rows: labelled. Columns: predicted. Green counts only what is right. Click a number to see its sentences.',
  cell: (gold: string, predicted: string, number: number) => `${gold} predicted as ${predicted}: ${count(number)}`,
  boundaryCell: (label: string, number: number) => `${label} with wrong boundaries: ${count(number)}`,
  correct: (label: string, number: number) => `${label} correct: ${count(number)}`,
  kind: 'Kind of mistake',
  label: 'Label',
  anyKind: 'Any mistake',
  anyLabel: 'Any label',
  kinds: {
    missed: 'Missed',
    spurious: 'False alarm',
    label: 'Wrong label',
    boundary: 'Wrong boundaries',
    label_and_boundary: 'Wrong label and boundaries',
  },
  found: (documents: number, mistakes: number) =>
    `${many(mistakes, 'mistake', 'mistakes')} in ${many(documents, 'document', 'documents')}`,
  noErrors: 'No wrong predictions',
  noErrorsAbout: 'Every prediction for this split is correct.',
  noneFit: 'No mistake matches these filters',
  removeFilters: 'Remove filters',
  mistakes: 'Wrong predictions',
  none: 'none',
  /** One wrong prediction, by its kind. */
  mistake: {
    missed: (gold: string, _predicted: string) => `${gold} missed`,
    spurious: (_gold: string, predicted: string) => `False alarm: ${predicted}`,
    label: (gold: string, predicted: string) => `${gold} taken for ${predicted}`,
    boundary: (gold: string, _predicted: string) => `${gold}: wrong boundaries`,
    label_and_boundary: (gold: string, predicted: string) => `${gold} taken for ${predicted}, wrong boundaries`,
  },
  showDocument: 'Show in Data',
  documentGone: 'This document is no longer in the data set',
  documentGoneHint: 'Its text was changed or dropped after the model was scored.',
};

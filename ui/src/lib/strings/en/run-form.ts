// The form of a new run.

import type { Decision, Often, Operation, RunPlan, Schedule, SettingField } from '../../client/contracts';
import { count, planned, small } from '../../format';
import { many } from './words';

export const runForm = {
  often: {
    label: 'How often',
    kinds: { once: 'Once', seeds: 'Several seeds', search: 'Search for better settings' },
    seeds: 'Seeds',
    trials: 'Trials',
    seedsAbout: (seeds: number) =>
      `Chance alone moves a score. The same run is done ${count(seeds)} times, each with another seed: you get the mean and the spread, and the model of the middle run.`,
    combine: 'Final model',
    combines: {
      '': 'The middle run’s',
      average: 'Average of the weights of all runs',
      ensemble: 'Ensemble of all runs',
    },
    combinesAbout: {
      '': 'Of the middle run by dev F1, neither the luckiest nor the worst.',
      average: 'One model as large and as fast as each. All runs then begin with the same weights.',
      ensemble: 'All models are asked each time: usually the most accurate, and as many times slower and larger.',
    },
    searchAbout: (trials: number) =>
      `${count(trials)} combinations of settings are tried, most of them in short runs; the best go on. The winner is then compared with the default settings, with three seeds each.`,
    space: 'Settings that take part',
    spaceWaiting: 'Choose a model and a data set to see what is searched.',
    spaceNone: 'All of these settings have a value of your own, so there is nothing to search. Empty one of them.',
    setByYou: 'Settings that you have filled in stay as they are.',
    from: (low: number, high: number) => `from ${small(low)} to ${small(high)}`,
    list: (values: string[]) => values.join(', '),
    choose: 'Choose at least one setting that takes part.',
    seedsRange: 'a whole number from 2 to 100',
    trialsRange: 'a whole number from 2 to 1000',
    noDev:
      'This data set has no dev set: settings are compared by training documents that are held out. With few documents, that is mostly chance.',
  },
  notReady: 'Choose a model and a data set first.',
  obstacle: (title: string, expected: string) => `${title}: ${expected.charAt(0).toLowerCase()}${expected.slice(1)}.`,
  deviceRefused: 'Choose another device: this one is not used.',
  copiedFrom: (name: string) => `With the settings of “${name}”.`,
  highRate: 'Unusually high: training may diverge and learn nothing. 5e-5 to 1e-3 is usual.',
  noTrain: (data: string) =>
    `“${data}” has nothing to learn from: it has no train split. Split it again on Data, or import the files with train chosen for one.`,
  noLabels: (data: string) =>
    `“${data}” has no labelled entities in its training part, so there is nothing to learn. Choose labelled data, or tag these texts with a model that you have.`,
  tagInstead: 'Tag them with a model',
  openFindings: (number: number) => `${many(number, 'finding', 'findings')} open in this data.`,
  name: 'Name of the run',
  model: 'Model to start from',
  modelHelp: 'A pretrained model that already knows the language. Larger ones are more accurate and slower.',
  data: 'Data set',
  noModel: 'Choose a model…',
  noData: 'Choose data…',
  automatic: 'automatic',
  yes: 'yes',
  no: 'no',
  advanced: 'Advanced settings',
  changed: (number: number) => many(number, 'change', 'changes'),
  resetAll: 'Back to defaults',
  chosen: (value?: string) => (value === undefined ? 'automatic' : `automatic: ${value}`),
  plan: (
    { epochs, most_epochs, is_refitted, windows, is_counted, steps, runs, seconds }: RunPlan,
    documents: number,
    often: Often['kind'],
  ) => {
    const bound = most_epochs > epochs ? ` (${count(most_epochs)} at most, while dev F1 rises)` : '';
    const over =
      is_counted && windows !== documents
        ? `${many(windows, 'window', 'windows')} from ${many(documents, 'document', 'documents')}, added and repeated ones included`
        : many(documents, 'document', 'documents');
    const one = `${many(epochs, 'epoch', 'epochs')}${bound} over ${over}${is_refitted ? ', first on a part of them, then anew on all' : ''}, ${many(steps, 'step', 'steps')}`;
    const work =
      often === 'seeds'
        ? `${many(runs, 'run', 'runs')}, each with ${one}`
        : often === 'search'
          ? `${many(runs, 'run', 'runs')}, short ones among them; a run in full has ${one}`
          : one;
    const about = work.replace(/^(\d)/, often === 'once' ? 'About $1' : '$1');
    return seconds === null
      ? `${about}. How long that takes is known after the first steps.`
      : `About ${planned(seconds, epochs, most_epochs)}, judging by your last run with this model: ${work}.`;
  },
  /** Why the engine chose a value. */
  why: ({ why }: Decision) => why,
  atMost: (epochs: number) => `at most ${count(epochs)}`,
  schedules: { adaptive: 'adaptive', linear: 'linear', cosine: 'cosine', constant: 'constant' } satisfies Record<
    Schedule,
    string
  >,
  /** What a setting may be. */
  range: ({ expected }: SettingField) => expected,
  seedRange: 'a whole number from 0',
  operations: {
    'mention-replacement': 'mention replacement',
    'token-replacement': 'token replacement',
    'segment-shuffling': 'shuffling',
    'word-dropout': 'word dropout',
    'case-noise': 'case noise',
    'typo-noise': 'typos',
  } satisfies Record<Operation, string>,
  planWhy: 'What was chosen, and why',
  planChange: 'Fill in a field to choose otherwise.',
  expected: (what: string, orNothing = false) => `Enter ${what}${orNothing ? ', or leave it empty' : ''}`,
  methods: 'Chosen by you:',
  noMethods:
    'Nothing beyond plain fine-tuning: help for rare labels, augmentation and the rest are under Advanced settings, and none of them helps every data set.',
  groups: {
    length: { title: 'Window and overlap', about: 'How long texts are cut, and what is held out.' },
    optimiser: { title: 'Optimiser', about: 'How the learning rate moves, and when training ends.' },
    head: {
      title: 'Head',
      about: 'Tags that are learned as sequences. Often more accurate; only Tagsmith reads all of it.',
    },
    balance: {
      title: 'Rare labels',
      about: 'For labels with few examples, or texts that are mostly without entities.',
    },
    regularisation: { title: 'Regularisation', about: 'Against overfitting, for small sets and large models.' },
    augmentation: { title: 'Augmentation', about: 'More training documents, made of yours.' },
    adapter: {
      title: 'Adapter (LoRA)',
      about: 'Trains a small addition and leaves the model itself as it is: less memory.',
    },
    labels: { title: 'Labels of the base model', about: 'For a model that finds entities already.' },
    memory: { title: 'Memory and speed', about: 'Precision, batches and checkpoints.' },
    scoring: { title: 'Tags', about: 'How entities are written and decoded.' },
  },
  augmentation: {
    show: 'Show ten examples',
    needsData: 'Choose a data set first.',
    title: 'Examples of added documents',
    about:
      'Made of training documents with the settings as they are now. A run adds as many as “Additional documents” says.',
    list: 'Added documents',
    loading: 'Making examples',
    failed: 'The examples could not be made',
    none: 'With these settings, no document would be changed.',
  },
  mentions: {
    pick: 'Choose a file…',
    other: 'Choose another…',
    none: 'No list',
    drop: 'Remove the list',
    loading: 'Reading the list…',
    holds: (mentions: number, labels: number) =>
      `${many(mentions, 'mention', 'mentions')} with ${many(labels, 'label', 'labels')}`,
    unknown: (labels: string[]) =>
      `The training set has no ${labels.join(', ')}: ${labels.length === 1 ? 'its' : 'their'} mentions are not used.`,
    label: 'Label',
    number: 'Mentions',
    examples: 'For example',
    failed: 'This list cannot be used',
    unused: 'The list is used once “Additional documents” is above 0.',
  },
  leftEmpty: (choice: string) => `Left empty: ${choice}.`,
  halfAtMost: (most: number) => `a whole number from 0 to ${most}, half of the window length`,
  layersAtMost: (most: number) => `a whole number from 0 to ${most}, the model’s layers`,
};

// Every word that the window shows, in one place, so that it can be read as a whole and translated.

import { bytes, count, score } from './format';

const many = (value: number, one: string, more: string) => `${count(value)} ${value === 1 ? one : more}`;

export const strings = {
  product: 'Tagsmith',
  common: {
    cancel: 'Cancel',
    close: 'Close',
    dismiss: 'Dismiss',
    retry: 'Try again',
    remove: 'Delete',
    notices: 'Notices',
    helpOn: (about: string) => `What is “${about}”?`,
    choose: 'Choose…',
    none: 'None',
    copied: 'Copied to the clipboard.',
    freed: (freed: number) => `Deleted. ${bytes(freed)} are free again.`,
    unknown: 'unknown',
  },
  shell: {
    screens: 'Screens',
    names: {
      models: 'Models', data: 'Data', train: 'Train', results: 'Results', highlight: 'Highlight', settings: 'Settings',
    },
    demo: 'Demonstration',
    demoAbout: 'Models, runs and scores here are made up; nothing is computed.',
    runningNow: 'Training',
    show: (name: string) => `Show the run ${name}`,
    opening: 'Opening the library…',
  },
  guide: {
    title: 'First steps',
    steps: { model: 'Choose a model', data: 'Bring examples', train: 'Train', highlight: 'Highlight' },
    doing: {
      model: 'Pick a pretrained model to start from. The starter is on this computer already.',
      data: 'Import a file in which names are marked, or take the sample of 480 support tickets.',
      train: 'Press “Start training”. The settings are good as they are.',
      highlight: 'Paste any text and see what your model finds.',
      done: 'That was all of it. You have a model of your own.',
    },
    useStarter: 'Use the starter',
    useSample: 'Use the sample',
    open: { model: 'Show models', data: 'Go to Data', train: 'Go to Train', highlight: 'Go to Highlight' },
    hide: 'Hide first steps',
    finish: 'Finish',
    stepDone: 'done',
    stepNext: 'next',
    stepLater: 'later',
  },
  highlight: {
    title: 'Highlight',
    about: 'Type or paste text and see the entities that a trained model finds in it.',
    model: 'Model',
    secondModel: 'Second model',
    open: 'Open text…',
    clear: 'Clear',
    compare: 'Two models',
    text: 'Your text',
    hideText: 'Hide text box',
    showText: 'Show text box',
    placeholder: 'Type or paste text here…',
    trySample: 'Put in an example',
    example:
      'Hi, this is Priya Raghunathan from Hollins Bay College. Since last Tuesday the export dialog of Lumen Desk Pro 4.2.1 closes with E-1042, ' +
      'and the sync engine says ERR_TLS_HANDSHAKE in the log.\n\nMy colleague Imran has the same on the old build; on v3.9 everything was fine. ' +
      'Can somebody call us back on Monday?',
    noModel: 'No trained model yet',
    noModelAbout: 'Highlighting needs a model that has learned your labels. Train one first: it takes a few minutes.',
    goTrain: 'Go to Train',
    nothing: 'Nothing to highlight yet',
    nothingAbout: 'Put some text into the box above. The entities appear here while you type.',
    failed: 'This text could not be tagged',
    libraryFailed: 'The models could not be read',
    loading: 'Looking for trained models…',
    busy: 'Reading…',
    result: (model: string) => `Entities found by ${model}`,
    found: (entities: number) => many(entities, 'entity', 'entities'),
    foundBelow: (hidden: number) => `${count(hidden)} hidden`,
    legend: 'Labels',
    legendHelp: 'Click a label to hide or show it.',
    legendEmpty: 'The labels of the model appear here.',
    threshold: 'Certainty at least',
    thresholdHelp: 'Hides entities that the model is less sure of. It changes only what is shown and copied.',
    copy: 'Copy as',
    kinds: { json: 'JSON', csv: 'CSV', html: 'HTML', list: 'List' },
    details: { label: 'Label', certainty: 'Certainty', place: 'Characters' },
    place: (from: number, to: number) => `${count(from)}–${count(to)}`,
    certainty: (value: number) => `${score(value)} %`,
    differences: (same: number, first: number, second: number) =>
      `${count(same)} the same · ${count(first)} only on the left · ${count(second)} only on the right`,
  },
  models: {
    downloaded: (id: string) => `\`${id}\` is downloaded and checked.`,
    downloadFailed: (id: string) => `The download of \`${id}\` broke off.`,
  },
  data: {
    bin: (from: number, to: number, documents: number) => `${from} to ${to - 1} words: ${many(documents, 'document', 'documents')}`,
  },
  train: {
    ended: {
      finished: (name: string) => `The run “${name}” is finished.`,
      stopped: (name: string) => `The run “${name}” is stopped. Its best model is kept.`,
      failed: (name: string) => `The run “${name}” failed.`,
      failedHint: 'The reason is shown on the Train screen.',
    },
  },
};

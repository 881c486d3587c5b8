// The screen Highlight.

import { count, score } from '../../format';
import { common } from './common';
import { many } from './words';

export const highlight = {
  title: 'Highlight',
  about: 'Type or paste text and see the entities that a trained model finds in it.',
  model: 'Model',
  secondModel: 'Second model',
  open: 'Open text…',
  clear: 'Clear',
  cleared: 'The text was cleared.',
  compare: 'Two models',
  text: 'Your text',
  hideText: 'Hide text box',
  showText: 'Show text box',
  folded: 'The text is long, so its box is hidden. “Show text box” brings it back.',
  placeholder: 'Type or paste text here…',
  trySample: 'Try an example',
  example:
    'Hi, this is Priya Raghunathan from Hollins Bay College. Since last Tuesday the export dialog of Lumen Desk Pro 4.2.1 closes with E-1042, ' +
    'and the sync engine says ERR_TLS_HANDSHAKE in the log.\n\nMy colleague Imran has the same on the old build; on v3.9 everything was fine. ' +
    'Can somebody call us back on Monday?',
  noModel: 'No trained model yet',
  noModelAbout: 'Highlighting needs a model that has learned your labels. Train one first: it takes a few minutes.',
  goTrain: 'Go to Train',
  nothing: 'Nothing to highlight yet',
  nothingAbout: 'Type some text in the box above. Entities appear here as you type.',
  failed: 'This text could not be tagged',
  cancelled: 'Stopped',
  cancelledAbout: 'The preparation of the GPU was stopped, so the text was not tagged.',
  libraryFailed: 'The models could not be read',
  loading: 'Looking for trained models…',
  busy: 'Tagging…',
  progress: (done: number, total: number) => `${count(done)} of ${many(total, 'paragraph', 'paragraphs')}`,
  stopped: 'Stopped: the rest of the text has not been tagged.',
  goOn: 'Tag the rest',
  nextDifference: 'Next difference',
  result: (model: string) => `Entities found by ${model}`,
  found: (entities: number) => many(entities, 'entity', 'entities'),
  foundBelow: (hidden: number) => `${count(hidden)} hidden`,
  legend: 'Labels',
  legendHelp: 'Click a label to hide or show it.',
  legendEmpty: 'The labels of the model appear here.',
  threshold: 'Minimum confidence',
  thresholdHelp: 'Hides entities with a lower confidence. This affects only what is shown and copied.',
  copy: 'Copy as',
  /** `model` is the one of two; `done` of `total` paragraphs are tagged. */
  copied: (model: string | null, done: number, total: number) =>
    done < total
      ? `Copied what ${model ? `${model} has found` : 'was found'} so far, in ${count(done)} of ${many(total, 'paragraph', 'paragraphs')}.`
      : model
        ? `Copied what ${model} found.`
        : common.copied,
  kinds: { json: 'JSON', csv: 'CSV', html: 'HTML', list: 'List' },
  details: { label: 'Label', certainty: 'Confidence', place: 'Characters' },
  place: (from: number, to: number) => `${count(from)}–${count(to)}`,
  certainty: (value: number) => `${score(value)} %`,
  differences: (same: number, first: number, second: number) =>
    `${count(same)} the same\n${count(first)} only on the left\n${count(second)} only on the right`,
};

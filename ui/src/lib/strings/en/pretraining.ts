// Pretraining on one’s own text.

import { count } from '../../format';
import { many } from './words';

export const pretraining = {
  title: 'Pretraining',
  open: 'Pretrain on your own text…',
  dialogTitle: (model: string) => `Pretrain “${model}” on your own text`,
  about:
    'The model reads text without labels and learns to predict words that are masked in it. That can help where your text is unlike what the model knows and you have much more of it than labelled documents: thousands of sentences. It does not always help. Part of the text is held out to see whether it does.',
  text: 'Text',
  choose: 'Choose files…',
  chooseMore: 'Add files…',
  noText: 'No text chosen yet',
  textAbout: 'Plain text with one document per line, or any format that can be imported; labels are ignored.',
  leaveOut: (name: string) => `Leave out ${name}`,
  name: 'Name of the new model',
  epochs: 'Epochs',
  epochsAbout: 'Passes over the text, at most. It stops earlier where two in a row bring nothing.',
  epochsAutomatic: 'automatic: 10',
  epochsRange: 'Enter a whole number (1 or more), or leave empty.',
  start: 'Start pretraining',
  reading: 'Reading the text…',
  headFirst: 'Preparing a new head for masked words…',
  progress: (step: number, steps: number) => `Step ${count(step)} of ${count(steps)}`,
  left: (time: string) => `${time} left`,
  documents: (train: number, heldOut: number) =>
    `${many(train, 'document', 'documents')} to learn from, ${count(heldOut)} held out`,
  heldOut: 'Masked words of the held-out text',
  columns: { epoch: 'Epoch', loss: 'Loss', perplexity: 'Perplexity' },
  before: 'before',
  best: 'best',
  evaluationAbout:
    'Perplexity: between how many words the model hesitates, on average. Lower is better. Whether more entities are found, only training shows.',
  came: {
    better: (before: string, after: string, hasNewHead: boolean) =>
      `The loss on masked words of held-out text fell from ${before} to ${after}${hasNewHead ? ', in part because the new head goes on learning' : ''}. Whether the new model finds more entities, only training shows: train with both, and compare.`,
    none: (model: string, before: string, epochs: number) =>
      `This did not help: keep “${model}”. The loss on masked words of held-out text was ${before} before, and not lower after ${many(epochs, 'epoch', 'epochs')}.`,
  },
  stop: 'Stop',
  end: 'Stop immediately',
  stopping: 'Stopping after this step…',
  resume: 'Resume',
  remove: 'Delete',
  removeTitle: (name: string) => `Delete the pretraining “${name}”?`,
  removeAbout: 'Its record and checkpoints are deleted. The model that it made stays.',
  removeAboutNone: 'Its record and checkpoints are deleted.',
  use: 'Use for training',
  madeFrom: (model: string, files: string[]) => `${model}, on ${files.join(', ')}`,
  status: { running: 'Running', finished: 'Finished', stopped: 'Stopped', failed: 'Failed' },
  useless: 'No gain',
  ended: {
    finished: (model: string) => `Pretraining is done. “${model}” can be used for training.`,
    useless: (name: string) => `Pretraining “${name}” is done: masked words are predicted no better than before.`,
    stopped: (name: string) => `Pretraining “${name}” was stopped.`,
    failed: (name: string) => `Pretraining “${name}” failed.`,
  },
};

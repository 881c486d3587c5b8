// Why something failed, and what a run warns of: in English, the programs behind the page say it themselves.

import type { FailureTexts, HintTexts, WarningTexts } from '../failure';
import { shell } from './shell';

const again = 'Try it again.';
const duplicate = 'Duplicate the run to start anew.';

/** For those whose own hints may be for the command line. */
const hints: Partial<HintTexts> = {
  'bad-data': 'Correct the lines listed, then import the files again.',
  data: 'Correct the line named, or choose another file.',
  device: 'Choose another device, or update its driver.',
  diverged: 'Train with a lower learning rate, for instance a third of it. The best model so far is kept.',
  exists: 'Choose another name.',
  internal: 'What was saved before is unharmed. Try it again, or resume the run.',
  killed: again,
  memory: 'Choose shorter windows, smaller batches or a smaller model, or close other programs.',
  model: 'Choose another model, or download it again.',
  'no-text': 'Choose other files.',
  'no-texts': 'Choose other files, or another column.',
  'not-a-model': 'Choose the folder that has config.json in it.',
  'not-found': 'Check the name.',
  'not-ours': 'Delete it with the program that downloaded it.',
  'nothing-to-learn': 'Choose data with labelled entities.',
  'output-not-empty': duplicate,
  plan: duplicate,
  resume: duplicate,
  runner: again,
  setting: 'Change the value named.',
  starter: 'Download the starter model again.',
  'tasks-failed': `${again} What is done is kept.`,
  tokenizer: 'Choose another model, or download it again.',
  'too-long': `Use “${shell.names.batch}” for it.`,
  'unknown-model': 'Choose another model.',
  untrainable: 'Choose another model.',
  usage: 'Change what was entered.',
};

export const failures: {
  codes: Partial<FailureTexts>;
  hints: Partial<HintTexts>;
  warnings: Partial<WarningTexts>;
  original: string;
} = {
  codes: {},
  hints,
  warnings: {},
  original: 'In English:',
};

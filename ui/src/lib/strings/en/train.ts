// The screen Train: the list of runs.

import { score } from '../../format';

export const train = {
  title: 'Train',
  about: 'Teach a model your labels. The default settings suit most data.',
  ended: {
    finished: (name: string) => `The run “${name}” has finished.`,
    stopped: (name: string) => `The run “${name}” was stopped. Its best model is kept.`,
    stoppedBefore: (name: string) => `The run “${name}” was stopped before its first step.`,
    failed: (name: string) => `The run “${name}” failed.`,
    failedHint: 'The reason is shown on the Train screen.',
    nothing: (name: string) => `The run “${name}” has finished, but it has learned nothing yet.`,
    nothingHint: 'Results says what to try.',
  },
  learnedNothing: 'Learned nothing',
  loading: 'Reading the runs…',
  failed: 'The runs could not be read',
  runs: 'Runs',
  none: 'No runs yet. The first one appears here.',
  find: 'Find a run',
  noneFound: 'No run matches.',
  new: 'New run',
  status: { running: 'Running', finished: 'Finished', stopped: 'Stopped', failed: 'Failed' },
  testF1: (value: number) => `Test F1 ${score(value)}`,
  devF1: (value: number) => `Dev F1 ${score(value)}`,
  needData: 'Go to Data',
  startTitle: 'Start a run',
  start: 'Start training',
  busy: 'Another run is training. It must finish or be stopped before this one continues.',
  enqueue: 'Add to queue',
  enqueueAbout: 'Something is training. This one begins when its turn comes.',
};

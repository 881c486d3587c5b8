// The first steps.

export const guide = {
  title: 'First steps',
  steps: { model: 'Choose a model', data: 'Add data', train: 'Train', highlight: 'Highlight' },
  doing: {
    model: 'Pick a pretrained model to start from. The starter is already on this computer.',
    fetch: 'Pick a pretrained model to start from. The starter is small and trains in minutes.',
    data: 'Import a file with labelled entities, or use the sample of 480 support tickets.',
    train: 'Press “Start training”. The default settings suit most data.',
    training: 'Training is under way. The dev F1 shows how good the model is; you can stop at any time.',
    highlight: 'Paste any text and see what your model finds.',
    done: 'All done: you have trained your own model.',
  },
  useStarter: 'Use the starter',
  fetchStarter: (size: string) => `Download the starter (${size})`,
  fetching: (share: number) => `Downloading the starter, ${share} %`,
  useSample: 'Use the sample data',
  open: { model: 'Show models', data: 'Go to Data', train: 'Go to Train', highlight: 'Go to Highlight' },
  hide: 'Hide first steps',
  finish: 'Finish',
  stepDone: 'done',
  stepNext: 'next',
  stepLater: 'later',
};

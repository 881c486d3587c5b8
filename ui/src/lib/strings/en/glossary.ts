// The glossary of the help: one or two plain sentences for each term.

import type { TermName } from '../../help/terms';

export const glossary: Record<TermName, { term: string; about: string }> = {
  annotator: {
    term: 'Annotator',
    about:
      'A person who labelled texts. Where several labelled the same texts, Tagsmith shows how far they agree and lets you choose whose labels count.',
  },
  augmentation: {
    term: 'Augmentation',
    about:
      'Additional training documents that are made from yours, for example with other names in them. It can help where there are few documents.',
  },
  batch: {
    term: 'Batch',
    about:
      'The windows that go through the model together in one step. Larger batches are steadier and need more memory.',
  },
  bio: {
    term: 'BIO (tag scheme)',
    about:
      'A way to write entities as one tag for each word: B- begins an entity, I- continues it, O is outside. Other schemes, such as BIOES, also mark the last word.',
  },
  checkpoint: {
    term: 'Checkpoint',
    about:
      'The complete state of a run, saved now and then. A run that was stopped continues from its last checkpoint.',
  },
  confidence: {
    term: 'Confidence',
    about: 'How sure a model is of an entity, in per cent. A high confidence is no guarantee.',
  },
  confusion: {
    term: 'Confusion matrix',
    about: 'A table that counts which label was predicted for which. Only what lies on the diagonal is correct.',
  },
  conll: {
    term: 'CoNLL',
    about: 'A text format with one word and its tag on each line and a blank line after each sentence.',
  },
  'dev-set': {
    term: 'Dev set',
    about:
      'Documents that are not learned from, but scored after each epoch to choose the best model. It is also called the validation set.',
  },
  'early-stopping': {
    term: 'Early stopping',
    about: 'Training ends by itself when the dev F1 has not risen for some epochs. The best model so far is kept.',
  },
  entity: {
    term: 'Entity',
    about: 'A passage of text that has a label: a name, a product, a date, or whatever you want to find.',
  },
  epoch: {
    term: 'Epoch',
    about: 'One pass over all training documents. Small data sets need more epochs than large ones.',
  },
  f1: {
    term: 'F1',
    about:
      'One number for precision and recall together, from 0 to 100; it is high only if both are. An entity counts as correct only with the right label and the right boundaries.',
  },
  'false-alarm': {
    term: 'False alarm',
    about: 'An entity that the model predicts where none is labelled. False alarms lower the precision.',
  },
  'fine-tuning': {
    term: 'Fine-tuning',
    about:
      'Training a pretrained model further for one task, here to find your entities. It needs far less data and time than learning from nothing.',
  },
  'hugging-face-folder': {
    term: 'Hugging Face folder',
    about:
      'A folder with a model as the package transformers saves it: config.json, the weights and the tokenizer. Tagsmith reads such folders and writes them.',
  },
  hub: {
    term: 'Hugging Face Hub',
    about: 'The website from which pretrained models are downloaded. Tagsmith works without it once a model is here.',
  },
  jsonl: {
    term: 'JSONL',
    about: 'A text file with one JSON record on each line, here one document with its entities.',
  },
  label: {
    term: 'Label',
    about: 'The kind of an entity, such as PERSON or PRODUCT. You decide which labels there are.',
  },
  'learning-rate': {
    term: 'Learning rate',
    about:
      'How far the weights move in each step. If it is too high, training goes astray; if it is too low, little is learned.',
  },
  lora: {
    term: 'LoRA',
    about: 'Trains a small addition to the model and leaves the model itself unchanged, which needs less memory.',
  },
  loss: {
    term: 'Loss',
    about:
      'How far the predictions are from the labels while training. It should fall; its value means little by itself.',
  },
  missed: {
    term: 'Missed entity',
    about: 'A labelled entity that the model did not find. Missed entities lower the recall.',
  },
  'near-duplicate': {
    term: 'Near-duplicate',
    about:
      'A document with almost the same text as another one. If one is in train and the other in test, the test score is too good.',
  },
  offset: {
    term: 'Offset',
    about:
      'The number of a character in a text, counted from 0; entities are stored by the offsets of their start and end. Some programs count bytes or UTF-16 units instead of characters.',
  },
  overfitting: {
    term: 'Overfitting',
    about:
      'The model learns its training documents by heart instead of the rule behind them. Then train goes well and dev does not.',
  },
  precision: {
    term: 'Precision',
    about: 'The percentage of predicted entities that are correct. It is low if the model marks too much.',
  },
  'pretrained-model': {
    term: 'Pretrained model',
    about:
      'A model that has read a great deal of text and so knows a language, but no task yet. It is where training starts.',
  },
  pretraining: {
    term: 'Pretraining',
    about:
      'Learning from text without labels by guessing hidden words. It can prepare a model for the language of your field.',
  },
  recall: {
    term: 'Recall',
    about: 'The percentage of labelled entities that were found. It is low if the model overlooks much.',
  },
  run: {
    term: 'Run',
    about: 'One training from start to end, with its settings, its history, its scores and its model.',
  },
  seed: {
    term: 'Seed',
    about:
      'A number that fixes everything random. The same seed, data and settings give the same model; other seeds show how much is chance.',
  },
  split: {
    term: 'Split',
    about: 'A part of a data set: train, dev or test. No text should be in two of them.',
  },
  step: {
    term: 'Step',
    about: 'One change of the weights, after one batch. An epoch has as many steps as there are batches.',
  },
  'test-set': {
    term: 'Test set',
    about: 'Documents that are scored once, at the very end. They show what to expect on new text.',
  },
  token: {
    term: 'Token',
    about:
      'A word or a piece of a word, as the model reads it. Rare words are cut into several tokens by the model’s tokenizer.',
  },
  'train-set': {
    term: 'Training set',
    about: 'The documents that the model learns from. It should be the largest part.',
  },
  'warm-up': {
    term: 'Warm-up',
    about: 'The first steps of a run, in which the learning rate rises from 0. It keeps the start from going astray.',
  },
  weights: {
    term: 'Weights',
    about: 'The numbers in a model that training changes. A small model has millions of them.',
  },
  window: {
    term: 'Window',
    about:
      'The longest piece of text that the model reads at once, in tokens. Longer documents are read in several windows that overlap.',
  },
};

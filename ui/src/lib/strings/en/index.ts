// Every text of the window in English, by screen.

import { batch } from './batch';
import { common } from './common';
import { comparison } from './comparison';
import { data } from './data';
import { devices } from './devices';
import { evaluation } from './evaluation';
import { exporter } from './exporter';
import { findings } from './findings';
import { failures } from './failures';
import { fields } from './fields';
import { glossary } from './glossary';
import { guide } from './guide';
import { help } from './help';
import { highlight } from './highlight';
import { importer } from './importer';
import { judgement } from './judgement';
import { models } from './models';
import { pretraining } from './pretraining';
import { queue } from './queue';
import { labelEditor, repair, recipe, split, sampling } from './repairs';
import { results } from './results';
import { run } from './run';
import { runForm } from './run-form';
import { settings } from './settings';
import { shell } from './shell';
import { statistics, agreement } from './statistics';
import { study } from './study';
import { train } from './train';
import { typeset } from '../typography';

export const en = typeset('en', {
  product: 'Tagsmith',
  common,
  shell,
  pretraining,
  guide,
  highlight,
  batch,
  models,
  data: {
    ...data,
    statistics,
    agreement,
    findings,
    labelEditor,
    repair,
    recipe,
    split,
    sampling,
    export: exporter,
    importer,
  },
  failures,
  fields,
  train: { ...train, ...runForm, ...run, compare: comparison },
  study,
  queue,
  devices,
  results: { ...results, evaluation, judgement },
  settings,
  help: { ...help, glossary: { ...help.glossary, terms: glossary } },
});

export type Strings = typeof en;

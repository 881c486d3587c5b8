// Every text of the window in German, by screen.

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
import type { Strings } from '../en';
import { typeset } from '../typography';

export const de: Strings = typeset('de', {
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

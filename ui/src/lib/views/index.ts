// The screens, in the order of the navigation.

import type { Component } from 'svelte';
import type { Screen } from '../state/app.svelte';
import Batch from './batch/Batch.svelte';
import Data from './data/Data.svelte';
import Help from './help/Help.svelte';
import Highlight from './highlight/Highlight.svelte';
import Models from './models/Models.svelte';
import Results from './results/Results.svelte';
import Settings from './settings/Settings.svelte';
import Train from './train/Train.svelte';

export const views: Partial<Record<Screen, Component>> = {
  models: Models,
  data: Data,
  train: Train,
  results: Results,
  highlight: Highlight,
  batch: Batch,
  settings: Settings,
  help: Help,
};

// What a person has typed and not yet used, kept while the page is loaded anew.

import type { App } from './app.svelte';

const KEY = 'tagsmith.typed';

/** What the person chose and typed on the screens whose state would be lost. */
const typedIn = ({ highlighter, runForm, batchForm, dataSet }: App) => ({
  dataSet,
  highlight: {
    text: highlighter.text,
    compare: highlighter.compare,
    threshold: highlighter.threshold,
    models: [highlighter.first.model, highlighter.second.model],
  },
  run: {
    name: runForm.name,
    model: runForm.model,
    data: runForm.data,
    settings: runForm.settings,
    often: runForm.often,
    seeds: runForm.seeds,
    trials: runForm.trials,
    combine: runForm.combine,
    leftOut: runForm.leftOut,
    copied: runForm.copied,
  },
  batch: {
    name: batchForm.name,
    model: batchForm.model,
    data: batchForm.data,
    files: batchForm.files,
    whole: batchForm.whole,
  },
});

export function keepTyped(app: App): void {
  sessionStorage.setItem(KEY, JSON.stringify(typedIn(app)));
}

/** Puts back what was kept, once. */
export function takeTyped(app: App): void {
  const kept = sessionStorage.getItem(KEY);
  if (kept === null) return;
  sessionStorage.removeItem(KEY);
  const typed = JSON.parse(kept) as ReturnType<typeof typedIn>;
  app.dataSet = typed.dataSet;
  Object.assign(app.runForm, typed.run);
  Object.assign(app.batchForm, typed.batch);
  void app.batchForm.look();
  app.highlighter.threshold = typed.highlight.threshold;
  app.highlighter.compare = typed.highlight.compare;
  [app.highlighter.first.model = '', app.highlighter.second.model = ''] = typed.highlight.models;
  app.highlighter.write(typed.highlight.text);
}

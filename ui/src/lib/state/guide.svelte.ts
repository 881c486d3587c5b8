// The four first steps of a new user: which are done, and which is next.

import type { App, Screen } from './app.svelte';

export const STEPS = ['model', 'data', 'train', 'highlight'] as const;
export type Step = (typeof STEPS)[number];
export const screenOf: Record<Step, Screen> = { model: 'models', data: 'data', train: 'train', highlight: 'highlight' };

export class Guide {
  #app: App;
  done = $derived.by((): Record<Step, boolean> => {
    const trained = this.#app.taggers.some((model) => model.source === 'run');
    const runs = (this.#app.runs.list.value ?? []).length > 0;
    return {
      model: this.#app.runForm.model !== '' || runs,
      data: (this.#app.data.value ?? []).length > 0,
      train: trained,
      highlight: trained && this.#app.highlighter.everFound,
    };
  });
  next = $derived(STEPS.find((step) => !this.done[step]));
  open = $derived.by(() => this.#app.preferences.guide === 'open');

  constructor(app: App) {
    this.#app = app;
  }

  dismiss(): void {
    this.#app.setPreferences({ guide: 'dismissed' });
  }
}

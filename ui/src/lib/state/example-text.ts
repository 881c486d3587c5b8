// A text to try a model on: of the data that it was trained with, from the part that it has not learned.

import type { App } from './app.svelte';

/** How many documents it takes, and how many of the beginning it looks through for them. */
const TAKEN = 3;
const LOOKED = 30;

/** Documents with entities of the test set or the dev set of the model's run, or `otherwise` where there are none. */
export async function exampleText(app: App, model: string, otherwise: string): Promise<string> {
  const id = app.taggers.find((one) => one.name === model)?.run;
  const run = (app.runs.list.value ?? []).find((one) => one.id === id);
  const set = (app.data.value ?? []).find((one) => one.id === run?.data);
  if (!set) return otherwise;
  for (const split of ['test', 'dev'] as const) {
    try {
      const page = await app.client.data.documents(set.id, {
        split,
        text: '',
        label: null,
        offset: 0,
        limit: LOOKED,
      });
      const labelled = page.documents.filter((document) => document.entities.length > 0);
      const text = labelled
        .slice(0, TAKEN)
        .map((document) => document.text)
        .join('\n');
      if (text.trim()) return text;
    } catch {
      // An example is no reason for an error: there is another.
    }
  }
  return otherwise;
}

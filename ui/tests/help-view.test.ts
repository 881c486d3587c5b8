// The help: how it is reached, what it shows, and where it leads.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { FORMATS } from '../src/lib/client/contracts';
import { EXAMPLES, SHOWN } from '../src/lib/help/examples';
import { TERM_NAMES } from '../src/lib/help/terms';
import { strings } from '../src/lib/strings';
import { STEPS } from '../src/lib/views/help/steps';
import { choose, click, openAt } from './mount';

const words = strings.help;

test('F1 opens the help, also while typing, and the next start begins there', async () => {
  const { world } = await openAt('Models');
  const field = await screen.findByLabelText(strings.models.shelfFilter);
  field.focus();
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'F1', bubbles: true, cancelable: true }));
  expect(await screen.findByRole('heading', { name: words.title, level: 1 })).toBeTruthy();
  await waitFor(() => expect(world.preferences.screen).toBe('help'));
});

test('each step has a picture with words for it, and leads to its screen', async () => {
  await openAt('Help');
  for (const step of STEPS) {
    expect(await screen.findByRole('img', { name: words.steps[step].picture })).toBeTruthy();
    await click(words.steps[step].go);
    expect(await screen.findByRole('heading', { name: strings.shell.names[step], level: 1 })).toBeTruthy();
    await click('Help');
  }
});

test('every format that is read is shown, and its example is copied as it is', async () => {
  const { world } = await openAt('Help');
  await click(words.tabs.formats, 'tab');
  expect(Object.keys(SHOWN).sort()).toEqual(Object.keys(FORMATS).sort());
  for (const [name, [file]] of Object.entries(EXAMPLES)) {
    const { title } = words.formats.examples[name as keyof typeof EXAMPLES];
    await click(title);
    const shown = await screen.findByRole('region', { name: words.formats.fileOf(file?.name ?? '') });
    expect(shown.textContent).toBe(file?.text);
    await click(words.formats.copyOf(file?.name ?? ''));
    await waitFor(() => expect(world.clipboard?.text).toBe(file?.text));
  }
  await click(words.formats.tables.parquet.title);
  expect(await screen.findByText('ner_tags')).toBeTruthy();
  expect(screen.queryByRole('button', { name: words.formats.copy })).toBeNull();
});

test('an import that has no files yet leads to the formats', async () => {
  const { world } = await openAt('Data');
  // The system's dialog, which opens by itself, is cancelled.
  world.nextFiles = [];
  await click(strings.data.import);
  await click(strings.data.importer.example);
  expect(await screen.findByRole('navigation', { name: words.formats.list })).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('the glossary is searched, and related terms lead to each other', async () => {
  await openAt('Help');
  await click(words.tabs.glossary, 'tab');
  const all = TERM_NAMES.length;
  expect(await screen.findByText(words.glossary.found(all, all))).toBeTruthy();
  const { terms } = words.glossary;
  await choose(words.glossary.search, 'recall');
  // The term itself before those that only mention it.
  await waitFor(() => expect(document.querySelector('dt')?.textContent).toBe(terms.recall.term));
  const about = document.querySelector('dd') as HTMLElement;
  within(about).getByRole('button', { name: terms.precision.term }).click();
  await waitFor(() => expect(document.activeElement?.textContent).toBe(terms.precision.term));
  expect(await screen.findByText(words.glossary.found(all, all))).toBeTruthy();
  await choose(words.glossary.search, 'xyzzy');
  expect(await screen.findByText(words.glossary.none)).toBeTruthy();
});

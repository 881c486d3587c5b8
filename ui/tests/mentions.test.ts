// The list of mentions for augmentation: picked, shown, and refused if it is broken.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.train.mentions;

test('a list is picked, and what it holds is shown', async () => {
  const { world } = await openAt('Train');
  await choose(strings.train.model, 'starter');
  await click(words.pick);
  expect(await screen.findByText('products.tsv')).toBeTruthy();
  expect(await screen.findByText(words.holds(214, 3))).toBeTruthy();
  expect(screen.getByText(words.unknown(['CITY']))).toBeTruthy();
  // As many documents are added as the engine chooses, unless a person wants none.
  expect(screen.queryByText(words.unused)).toBeNull();
  await choose(/^Additional documents/, '0');
  expect(screen.getByText(words.unused)).toBeTruthy();
  await click(strings.train.start);
  await screen.findByText(strings.train.stop);
  expect(world.runs.at(-1)?.run.settings.augment_mentions).toBe('/home/sam/Documents/products.tsv');
  clearInterval(world.runs.at(-1)?.timer ?? undefined);
});

test('a broken list names its line, and nothing starts with it', async () => {
  await openAt('Train', { prepare: (_, world) => (world.nextMentions = '/home/sam/broken.tsv') });
  await choose(strings.train.model, 'starter');
  await click(words.pick);
  expect(await screen.findByText(/^Line 3: found 1 columns/)).toBeTruthy();
  const start = screen.getByRole('button', { name: strings.train.start }) as HTMLButtonElement;
  expect(start.disabled).toBe(true);
  await click(words.drop);
  expect(await screen.findByText(words.none)).toBeTruthy();
  expect(start.disabled).toBe(false);
});

test('a dialog that is cancelled changes nothing', async () => {
  await openAt('Train', { prepare: (_, world) => (world.nextMentions = null) });
  await click(words.pick);
  expect(await screen.findByText(words.none)).toBeTruthy();
});

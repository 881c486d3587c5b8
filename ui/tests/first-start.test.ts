// From the first start to the first highlighted entity, with the buttons of the guide.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { withLabels } from '../src/lib/state/palette';
import type { World } from '../src/lib/client/fake/world';
import { choose, click, openAt } from './mount';
import { settingOf, type SettingName, titleOf } from '../src/lib/state/settings';

const label = (name: SettingName) => titleOf(settingOf(name));

const guide = strings.guide;

test('four steps lead from nothing to an entity', async () => {
  const { world } = await openAt('Models', { scenario: 'empty', preferences: { guide: 'open' }, tick: 1 });
  await click(guide.useStarter);
  await click(guide.useSample);
  expect(await screen.findByText(guide.doing.train)).toBeTruthy();
  await choose(label('epochs'), '1');
  await click(strings.train.start);
  expect(await screen.findByText(guide.doing.highlight)).toBeTruthy();
  await click(guide.open.highlight);
  expect(await screen.findByText(guide.doing.done)).toBeTruthy();
  await click(guide.finish);
  expect(world.preferences.guide).toBe('dismissed');
});

test('without a starter on this computer, the first step downloads it', async () => {
  const prepare = (_: unknown, world: World) => void (world.models = []);
  const { world } = await openAt('Models', { scenario: 'empty', preferences: { guide: 'open' }, tick: 1, prepare });
  expect(await screen.findByText(guide.doing.fetch)).toBeTruthy();
  await click(/^Download the starter/);
  await click(guide.useStarter);
  expect(await screen.findByText(guide.doing.data)).toBeTruthy();
  expect(world.models.map((model) => model.source)).toEqual(['starter']);
});

test('Ctrl and a number opens a screen', async () => {
  await openAt('Models');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '7', ctrlKey: true }));
  expect(await screen.findByText(strings.settings.appearance)).toBeTruthy();
});

test('labels keep their hue, and twelve labels have twelve hues', () => {
  const twelve = Array.from('ABCDEFGHIJKL');
  const hues = withLabels({}, twelve);
  expect(new Set(Object.values(hues)).size).toBe(12);
  expect(withLabels(hues, ['A', 'B'])).toBe(hues);
  const more = withLabels(hues, ['A', 'M']);
  expect(more).toMatchObject(hues);
  expect(more['M']).not.toBe(more['A']);
});

// Settings: each block waiting, refused and at work; what is changed is kept.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.settings;

test.each([
  ['settings.devices', words.devicesLoading, words.devicesFailed],
  ['settings.hub', words.hubLoading, words.hubFailed],
  ['settings.storage', words.storageLoading, words.storageFailed],
] as const)('%s: refused, then waiting', async (command, waiting, failed) => {
  const { switches } = await openAt('Settings', { prepare: (all) => all.refuse(command) });
  expect(await screen.findByText(failed)).toBeTruthy();
  switches.allow(command);
  switches.hang(command);
  await click(strings.common.retry);
  expect(await screen.findByText(waiting)).toBeTruthy();
});

test('theme and text size take effect at once and are kept', async () => {
  const { world } = await openAt('Settings');
  await click(words.themes.dark, 'radio');
  await choose(/^Text size/, '1.5');
  expect(document.documentElement.dataset['theme']).toBe('dark');
  expect(document.documentElement.style.getPropertyValue('--text-scale')).toBe('1.5');
  expect(world.preferences).toMatchObject({ theme: 'dark', text_scale: 1.5 });
});

test('a token is kept and never shown again', async () => {
  const { world } = await openAt('Settings');
  await choose(words.token, 'hf_secret');
  await click(words.saveToken);
  expect(await screen.findByText(words.tokens.keyring)).toBeTruthy();
  expect((screen.getByLabelText(words.token) as HTMLInputElement).value).toBe('');
  expect(JSON.stringify(world.hub)).not.toContain('hf_secret');
  await click(words.forgetToken);
  expect(await screen.findByText(words.tokens.none)).toBeTruthy();
});

test('the chosen device is what a new run takes', async () => {
  await openAt('Settings');
  await choose(words.device, 'vulkan:0');
  await click('Train');
  expect(((await screen.findByLabelText(strings.train.device)) as HTMLSelectElement).value).toBe('vulkan:0');
});

test('an empty library has its settings too', async () => {
  await openAt('Settings', { scenario: 'empty' });
  expect(await screen.findByText(words.openFolder)).toBeTruthy();
});

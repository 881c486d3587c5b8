// Settings: each section loading, failed and in use; changes are saved.

import { readFileSync } from 'node:fs';
import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';
import { settingOf, type SettingName, titleOf } from '../src/lib/state/settings';

const label = (name: SettingName) => titleOf(settingOf(name));

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

test('the version is that of the program, and the licences can be read', async () => {
  const cargo = readFileSync('../Cargo.toml', 'utf8');
  const version = /\[workspace\.package\]\nversion = "([^"]+)"/.exec(cargo)?.[1];
  await openAt('Settings');
  expect(await screen.findByText(`${strings.product} ${version}`)).toBeTruthy();
  await click(words.licences.button);
  const dialog = within(await screen.findByRole('dialog'));
  // The list that is shipped, each licence a heading, and both texts.
  expect(await dialog.findByText('MPL-2.0')).toBeTruthy();
  expect(dialog.getByText(/@tauri-apps\/api \d/)).toBeTruthy();
  expect(dialog.getByText(/Permission is hereby granted, free of charge/)).toBeTruthy();
  expect(dialog.getByText(/TERMS AND CONDITIONS FOR USE/)).toBeTruthy();
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

test('the chosen device is that of new runs', async () => {
  await openAt('Settings');
  await choose(words.device, 'vulkan:0');
  await click('Train');
  expect(((await screen.findByLabelText(label('device'))) as HTMLSelectElement).value).toBe('vulkan:0');
});

test('a device says whether it passed its test, and can be tested', async () => {
  await openAt('Settings');
  const row = async (name: string) =>
    (await screen.findByText(name, { selector: 'strong' })).closest('li') as HTMLElement;
  expect(within(await row('Radeon 780M')).getByText(strings.devices.untested)).toBeTruthy();
  const refused = await row('GeForce GT 1030');
  expect(within(refused).getByText(strings.devices.refused)).toBeTruthy();
  expect(within(refused).getByText(/^Not used: it computes wrong numbers/)).toBeTruthy();
  await click(strings.devices.testAgain);
  expect(
    await screen.findByText(/^Preparing the GPU: kernel \d+ of 48, about \d+ s left \(once for this card\)$/),
  ).toBeTruthy();
  expect(await within(await row('Radeon 780M')).findByText(strings.devices.passed)).toBeTruthy();
  expect(within(await row('Radeon 780M')).getByText(/6\.4 times as fast as the processor/)).toBeTruthy();
  expect(screen.getByText(strings.devices.testAbout)).toBeTruthy();
});

test('the test of devices is stopped at once, without an error', async () => {
  await openAt('Settings');
  await click(strings.devices.testAgain);
  await screen.findByText(/^Preparing the GPU: kernel/);
  await click(strings.common.stop);
  expect(await screen.findByRole('button', { name: strings.devices.testAgain })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByText(strings.devices.untested)).toBeTruthy();
});

test('leaving the screen ends the test', async () => {
  const { world } = await openAt('Settings');
  await click(strings.devices.testAgain);
  await screen.findByText(/^Preparing the GPU: kernel/);
  await click('Train');
  await screen.findByLabelText(label('device'));
  await new Promise((resolve) => setTimeout(resolve, 12 * world.tick));
  expect(world.devices[1]?.check).toBeNull();
});

test('if no card has been tested, the button offers a first test', async () => {
  await openAt('Settings', { prepare: (_, world) => (world.devices = world.devices.slice(0, 2)) });
  expect(await screen.findByRole('button', { name: strings.devices.test })).toBeTruthy();
});

test('devices that cannot be tested stay as they were', async () => {
  await openAt('Settings', { prepare: (all) => all.refuse('settings.testDevices') });
  await click(strings.devices.testAgain);
  expect(await screen.findByRole('alert')).toBeTruthy();
  expect(screen.getByText(strings.devices.untested)).toBeTruthy();
});

test('with only a processor, there is nothing to test', async () => {
  await openAt('Settings', { prepare: (_, world) => (world.devices = world.devices.slice(0, 1)) });
  expect(await screen.findByText('AMD Ryzen 7 7840U', { selector: 'strong' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: /^Test/ })).toBeNull();
});

test('an empty library has its settings too', async () => {
  await openAt('Settings', { scenario: 'empty' });
  expect(await screen.findByText(words.openFolder)).toBeTruthy();
});

// The settings commands of the in-memory shell.

import type { SettingsClient } from '../client';
import type { ComputeDevice } from '../contracts';
import type { World } from './world';

/** What a test says of each device. */
const tests: Record<string, NonNullable<ComputeDevice['check']>> = {
  cpu: { passed: true, detail: 'what other devices are compared with', speed: null },
  'vulkan:0': { passed: true, detail: 'logits, loss and gradients are the CPU’s', speed: 6.4 },
  'vulkan:1': { passed: false, detail: 'it computes wrong numbers: a gradient is off by 1.0 %', speed: null },
};

export function settingsCommands(world: World): SettingsClient {
  return {
    preferences: async () => world.preferences,
    savePreferences: async (preferences) => {
      world.preferences = preferences;
    },
    devices: async () => world.devices,
    testDevices: async () => {
      await new Promise((done) => setTimeout(done, 8 * world.beat));
      return (world.devices = world.devices.map((device) => ({ ...device, check: tests[device.id] ?? null })));
    },
    hub: async () => world.hub,
    saveHub: async (settings) => (world.hub = { ...world.hub, ...settings }),
    saveToken: async (token) => (world.hub = { ...world.hub, token: token ? 'keyring' : 'none' }),
    storage: async () => world.storage,
    openFolder: async () => {},
    diagnostics: async () => 'Tagsmith 0.1.0\nin-memory client\ndevices: cpu, vulkan:0\nlast errors: none',
    copy: async (text, html) => {
      world.clipboard = { text, html };
      // In a browser the clipboard works as well, so that a demonstration can be pasted elsewhere.
      await navigator.clipboard?.writeText(text).catch(() => {});
    },
  };
}

// The settings commands of the in-memory shell.

import type { SettingsClient } from '../client';
import type { World } from './world';

export function settingsCommands(world: World): SettingsClient {
  return {
    preferences: async () => world.preferences,
    savePreferences: async (preferences) => {
      world.preferences = preferences;
    },
    devices: async () => [
      { id: 'cpu', name: 'AMD Ryzen 7 7840U', threads: 16, memory_bytes: 32_000_000_000 },
      { id: 'vulkan:0', name: 'Radeon 780M', threads: null, memory_bytes: 8_000_000_000 },
    ],
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

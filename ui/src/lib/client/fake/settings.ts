// The settings commands of the in-memory shell.

import { Failure, type SettingsClient } from '../client';
import type { ComputeDevice } from '../contracts';
import type { World } from './world';

/** The test result of each device. */
const tests: Record<string, NonNullable<ComputeDevice['check']>> = {
  cpu: { passed: true, detail: 'what other devices are compared with', speed: null },
  'vulkan:0': { passed: true, detail: 'logits, loss and gradients are the CPU’s', speed: 6.4 },
  'vulkan:1': { passed: false, detail: 'it computes wrong numbers: a gradient is off by 1.0 %', speed: null },
};

/** Kernels that the test of a device compiles. */
export const KERNELS = 48;
/** Ticks that the test takes. */
const TICKS = 30;

export function settingsCommands(world: World): SettingsClient {
  let cancel = () => {};
  return {
    preferences: async () => world.preferences,
    savePreferences: async (preferences) => {
      world.preferences = preferences;
    },
    devices: async () => world.devices,
    testDevices: async () => {
      const card = world.devices.find((device) => device.kind !== 'cpu')?.id ?? '';
      await new Promise<void>((resolve, reject) => {
        let tick = 0;
        const timer = setInterval(() => {
          tick += 1;
          for (const listener of world.listeners.preparing) listener({ device: card, ...preparedAfter(tick / TICKS) });
          if (tick < TICKS) return;
          clearInterval(timer);
          resolve();
        }, world.tick);
        cancel = () => {
          clearInterval(timer);
          reject(new Failure('cancelled', 'the test was cancelled'));
        };
      });
      return (world.devices = world.devices.map((device) => ({ ...device, check: tests[device.id] ?? null })));
    },
    cancelTest: async () => cancel(),
    onPreparing: (listener) => {
      world.listeners.preparing.add(listener);
      return () => world.listeners.preparing.delete(listener);
    },
    hub: async () => world.hub,
    saveHub: async (settings) => (world.hub = { ...world.hub, ...settings }),
    saveToken: async (token) => (world.hub = { ...world.hub, token: token ? 'keyring' : 'none' }),
    storage: async () => world.storage,
    clearStorage: async (kind) => {
      const freed_bytes = world.storage.parts.find((part) => part.kind === kind)?.bytes ?? 0;
      if (kind === 'checkpoints') world.checkpoints.clear();
      else if (kind === 'kernels') world.kernelBytes = 0;
      else if (kind === 'downloads')
        for (const { id, state } of world.downloads.values())
          if (state === 'failed' || state === 'cancelled') world.downloads.delete(id);
      return { freed_bytes };
    },
    openFolder: async () => {
      world.openedFolder = world.storage.folder;
    },
    diagnostics: async () => 'Tagsmith 0.1.0\nin-memory client\ndevices: cpu, vulkan:0\nlast errors: none',
    copy: async (text, html) => {
      world.clipboard = { text, html };
      // The demonstration uses the real clipboard, too.
      await navigator.clipboard?.writeText(text).catch(() => {});
    },
  };
}

/** The progress of the test of a device after this share of its time, 0–1. */
export function preparedAfter(share: number): { done: number; total: number; eta_seconds: number | null } {
  return {
    done: Math.round(share * KERNELS),
    total: KERNELS,
    eta_seconds: share > 0 ? Math.round((1 - share) * 12) : null,
  };
}

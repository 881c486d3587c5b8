// The model commands of the in-memory shell: search, downloads that advance by the clock, deletion.

import { Failure, type Download, type ModelsClient } from '../client';
import { detailsOf, find, libraryModel, shelf } from './models';
import type { World } from './world';

const BYTES_PER_SECOND = 46_000_000;

export function modelCommands(world: World): ModelsClient {
  const timers = new Map<string, ReturnType<typeof setInterval>>();
  const tell = (download: Download) => {
    world.downloads.set(download.id, download);
    for (const listener of world.listeners.download) listener({ ...download });
  };
  const end = (id: string) => {
    clearInterval(timers.get(id));
    timers.delete(id);
  };
  const online = () => {
    if (world.hub.offline) throw new Failure('offline', 'Tagsmith is set to work offline', 'switch this off under Settings, Hub');
  };
  return {
    shelf: async () => shelf,
    search: async (query) => {
      online();
      return { models: find(query), more: false };
    },
    details: async (id) => {
      const details = detailsOf(id);
      if (!details) throw new Failure('not-found', `there is no model \`${id}\` on the Hub`, 'check the spelling');
      return details;
    },
    library: async () => world.models,
    addFolder: async () => {
      const model = libraryModel('my-bert', 'library');
      world.models = [...world.models.filter((other) => other.name !== model.name), model];
      return model;
    },
    remove: async (name) => {
      const model = world.models.find((entry) => entry.name === name);
      if (!model) throw new Failure('unknown-model', `there is no model \`${name}\` in the library`);
      world.models = world.models.filter((entry) => entry !== model);
      return { freed_bytes: model.summary.bytes };
    },
    downloads: async () => [...world.downloads.values()],
    download: async (id) => {
      online();
      const total = detailsOf(id)?.bytes ?? 1e8;
      // A big file takes as many beats as a small one to look at, at a rate that is believable.
      const rate = BYTES_PER_SECOND * (0.8 + (total % 7) / 14);
      tell({ id, state: 'running', bytes: 0, total, bytes_per_second: rate, eta_seconds: total / rate, failure: null });
      timers.set(id, setInterval(() => {
        const now = world.downloads.get(id) as Download;
        const bytes = Math.min(total, now.bytes + total / 80);
        if (bytes < total) {
          tell({ ...now, bytes, eta_seconds: (total - bytes) / rate });
          return;
        }
        end(id);
        tell({ ...now, bytes: total, state: 'done', eta_seconds: 0 });
        world.models = [...world.models, libraryModel(id, 'library')];
      }, world.beat));
    },
    cancelDownload: async (id) => {
      end(id);
      const now = world.downloads.get(id);
      if (now) tell({ ...now, state: 'cancelled', eta_seconds: null });
    },
    onDownload: (listener) => {
      world.listeners.download.add(listener);
      return () => world.listeners.download.delete(listener);
    },
  };
}

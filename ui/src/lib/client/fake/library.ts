// The model commands of the in-memory shell: search, downloads that advance by the clock, deletion.

import { Failure, type Download, type ModelDetails, type ModelQuery, type ModelsClient } from '../client';
import { detailsOf, find, libraryModel, shelf } from './models';
import type { World } from './world';

const BYTES_PER_SECOND = 46_000_000;

export function modelCommands(world: World): ModelsClient {
  const timers = new Map<string, ReturnType<typeof setInterval>>();
  const publish = (download: Download) => {
    world.downloads.set(download.id, download);
    for (const listener of world.listeners.download) listener({ ...download });
  };
  const end = (id: string) => {
    clearInterval(timers.get(id));
    timers.delete(id);
  };
  const online = () => {
    if (world.hub.offline)
      throw new Failure('offline', 'Tagsmith is set to work offline', 'switch this off under Settings, Hub');
  };
  const admit = (details: ModelDetails) => {
    if (details.gated && world.hub.token === 'none') {
      throw new Failure(
        'gated',
        `\`${details.id}\` is given only to people who accepted its terms`,
        'accept them on its page, then keep a token in Settings',
      );
    }
  };
  return {
    shelf: async () => shelf,
    search: async (query) => {
      online();
      // The page always sends all of it.
      return { models: find(query as ModelQuery), more: false };
    },
    details: async (id) => {
      const details = detailsOf(id);
      if (!details) throw new Failure('not-found', `there is no model \`${id}\` on the Hub`, 'check the spelling');
      return details;
    },
    library: async () => world.models,
    addFolder: async () => {
      const model = libraryModel('my-bert', 'folder');
      world.models = [...world.models.filter((other) => other.name !== model.name), model];
      return model;
    },
    remove: async (name) => {
      const model = world.models.find((entry) => entry.name === name);
      if (!model) throw new Failure('unknown-model', `there is no model \`${name}\` in the library`);
      if (model.source === 'cache')
        throw new Failure('not-ours', `\`${name}\` lies in the Hugging Face cache, which other programs use`);
      world.models = world.models.filter((entry) => entry !== model);
      return { freed_bytes: model.source === 'folder' ? 0 : model.summary.bytes };
    },
    openFolder: async (name) => {
      world.openedFolder = world.models.find((model) => model.name === name)?.path ?? null;
    },
    snippet: async (name) => {
      const path = world.models.find((model) => model.name === name)?.path ?? '';
      return [
        'from transformers import pipeline',
        '',
        `tagger = pipeline("token-classification", model="${path}", aggregation_strategy="first")`,
        '',
        'text = "Paste a sentence here."',
        'for entity in tagger(text):',
        '    print(entity["entity_group"], text[entity["start"]:entity["end"]], round(float(entity["score"]), 3))',
        '',
      ].join('\n');
    },
    export: async (name) => `/home/sam/Documents/${name}.zip`,
    downloads: async () => [...world.downloads.values()],
    download: async (id) => {
      online();
      const details = detailsOf(id);
      if (details) admit(details);
      const total = details?.bytes ?? 1e8;
      // A large download takes as many ticks as a small one, at a plausible rate.
      const rate = BYTES_PER_SECOND * (0.8 + (total % 7) / 14);
      const there = world.downloads.get(id)?.bytes ?? 0;
      publish({
        id,
        state: 'running',
        bytes: there,
        total,
        bytes_per_second: rate,
        eta_seconds: (total - there) / rate,
        failure: null,
      });
      timers.set(
        id,
        setInterval(() => {
          const now = world.downloads.get(id) as Download;
          const bytes = Math.min(total, now.bytes + total / 80);
          const fault = world.nextFault;
          if (fault && bytes > total / 4) {
            world.nextFault = null;
            end(id);
            publish({ ...now, state: 'failed', eta_seconds: null, failure: fault });
            return;
          }
          if (bytes < total) {
            publish({ ...now, bytes, eta_seconds: (total - bytes) / rate });
            return;
          }
          end(id);
          world.models = [...world.models, libraryModel(id, id === 'starter' ? 'starter' : 'library')];
          publish({ ...now, bytes: total, state: 'done', eta_seconds: 0 });
        }, world.tick),
      );
    },
    openPage: async (id) => {
      world.opened = id;
    },
    cancelDownload: async (id) => {
      end(id);
      const now = world.downloads.get(id);
      if (now) publish({ ...now, state: 'cancelled', eta_seconds: null });
    },
    discardDownload: async (id) => {
      end(id);
      world.downloads.delete(id);
    },
    onDownload: (listener) => {
      world.listeners.download.add(listener);
      return () => world.listeners.download.delete(listener);
    },
  };
}

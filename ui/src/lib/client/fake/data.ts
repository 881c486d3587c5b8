// The data commands of the in-memory shell: every imported file turns out to hold the sample's documents.

import { Failure, type DataClient, type ImportRequest } from '../client';
import { brokenFile, dataSet, sample, search, type FakeData, type Splits } from './corpus';
import type { World } from './world';

export function dataCommands(world: World): DataClient {
  const of = (id: string): FakeData => {
    const found = world.data.find((entry) => entry.set.id === id);
    if (!found) throw new Failure('unknown-data', `there is no data set \`${id}\` in the library`);
    return found;
  };
  const keep = (entry: FakeData) => {
    world.data = [...world.data.filter((other) => other.set.id !== entry.set.id), entry];
    return entry.set;
  };
  return {
    list: async () => world.data.map((entry) => entry.set),
    pickFile: async () => world.nextFile,
    check: async (request) => read(request).set.check,
    import: async (request) => {
      const entry = read(request);
      if (entry.set.check.issues.some((issue) => issue.severity === 'error')) {
        throw new Failure('bad-data', `\`${request.train}\` cannot be used as it is`, 'mend the lines listed, then import it again');
      }
      return keep(entry);
    },
    importSample: async () => keep(dataSet('support-tickets', 'Support tickets', sample, new Date().toISOString())),
    documents: async (id, query) => search(of(id).documents, query),
    remove: async (id) => {
      const entry = of(id);
      world.data = world.data.filter((other) => other !== entry);
      return { freed_bytes: 61_000 };
    },
    onDrag: (listener) => {
      world.listeners.drag.add(listener);
      return () => world.listeners.drag.delete(listener);
    },
  };
}

function read(request: ImportRequest): FakeData {
  const id = request.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const imported = new Date().toISOString();
  if (request.train.includes('broken')) return dataSet(id, request.name, {}, imported, undefined, [brokenFile]);
  const all = sample['train'] ?? [];
  const cut = (share: number) => Math.round(all.length * share);
  const dev = request.dev ? sample['dev'] ?? [] : all.slice(0, cut(request.dev_share));
  const test = request.test ? sample['test'] ?? [] : all.slice(all.length - cut(request.test_share));
  const train = all.slice(request.dev ? 0 : dev.length, request.test ? all.length : all.length - test.length);
  const named = ([split, documents]: [string, Splits[string]]) => [split, documents.map((doc) => ({ ...doc, split }))];
  const splits = Object.fromEntries(
    Object.entries({ train, dev, test }).filter(([, documents]) => documents.length).map((entry) => named(entry as [string, Splits[string]])),
  ) as Splits;
  return dataSet(id, request.name, splits, imported);
}

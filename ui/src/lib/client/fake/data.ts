// The data commands of the in-memory shell, with progress by the clock.

import { Failure, type DataClient, type Repair } from '../client';
import { dataSet, sample, search, withRepairs, type FakeData } from './corpus';
import { readByModel } from './check';
import { imported, inspected, isBroken } from './inspect';
import { previewOf } from './repairs';
import { statisticsOf } from './statistics';
import type { World } from './world';

const STAGES = ['reading', 'checking', 'writing'];
const BEATS = 4;

export function dataCommands(world: World): DataClient {
  const cancelled = new Set<string>();
  const of = (id: string): FakeData => {
    const found = world.data.find((entry) => entry.set.id === id);
    if (!found) throw new Failure('unknown-data', `there is no data set \`${id}\` in the library`);
    return found;
  };
  const keep = (entry: FakeData) => {
    const known = world.data.some((other) => other.set.id === entry.set.id);
    world.data = known
      ? world.data.map((other) => (other.set.id === entry.set.id ? entry : other))
      : [...world.data, entry];
    return entry.set;
  };
  /** As long as real work takes, told beat by beat. */
  const work = async (job: string, stages: number) => {
    for (const stage of STAGES.slice(0, stages)) {
      for (let beat = 1; beat <= BEATS; beat += 1) {
        for (const listener of world.listeners.progress) listener({ job, stage, done: beat * 80, total: BEATS * 80 });
        await new Promise((next) => setTimeout(next, world.beat / 2));
        if (cancelled.delete(job)) throw new Failure('cancelled', 'the work was cancelled');
      }
    }
  };
  const remade = async (
    id: string,
    job: string,
    change: (repairs: Repair[], undone: Repair[]) => [Repair[], Repair[]],
  ) => {
    await work(job, 3);
    const { set } = of(id);
    return keep(withRepairs(of(id), ...change(set.repairs, set.undone)));
  };
  return {
    list: async () => world.data.map((entry) => entry.set),
    pickFiles: async () => world.nextFiles,
    pickFolder: async () => world.nextFolder,
    inspect: async (request, job) => {
      await work(job, 2);
      return inspected(request);
    },
    import: async (request, job) => {
      const broken = request.files.find(isBroken);
      if (broken)
        throw new Failure(
          'bad-data',
          `\`${broken.path}\` cannot be used as it is`,
          'mend the lines listed, then import it again',
        );
      await work(job, 3);
      return keep(imported(request.name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), request));
    },
    update: async (id, files, repairs, job) => {
      await work(job, 3);
      const { set } = of(id);
      const entry = imported(id, { name: set.name, files, repairs });
      return keep({ ...entry, set: { ...entry.set, version: set.version + 1 } });
    },
    importSample: async () => keep(dataSet('support-tickets', 'Support tickets', sample, new Date().toISOString())),
    documents: async (id, query) => search(of(id), query),
    findings: async (id, { code, severity, offset, limit }) => {
      const found = of(id).findings.filter(
        (issue) => (!code || issue.code === code) && (!severity || issue.severity === severity),
      );
      return { total: found.length, findings: found.slice(offset, offset + limit) };
    },
    statistics: async (id) => statisticsOf(of(id).documents),
    checkModel: async (id, _model, maxLength, job) => {
      await work(job, 2);
      return readByModel(of(id).documents, maxLength);
    },
    previewRepair: async (id, repair, job) => {
      await work(job, 1);
      return previewOf(of(id).documents, repair);
    },
    repair: (id, repair, job) => remade(id, job, (repairs) => [[...repairs, repair], []]),
    undo: (id, job) => remade(id, job, (repairs, undone) => [repairs.slice(0, -1), [...undone, ...repairs.slice(-1)]]),
    redo: (id, job) => remade(id, job, (repairs, undone) => [[...repairs, ...undone.slice(-1)], undone.slice(0, -1)]),
    exportPlan: async (id, { format, splits }, job) => {
      await work(job, 1);
      const { documents } = of(id);
      const chosen = Object.fromEntries(Object.entries(documents).filter(([split]) => splits.includes(split)));
      const all = Object.values(chosen).flat();
      const spaced =
        format === 'conll'
          ? of(id).findings.filter(
              (issue) => issue.code === 'span-cuts-word' && splits.includes(issue.place?.split ?? ''),
            )
          : [];
      return {
        documents: all.length,
        entities: all.reduce((sum, doc) => sum + doc.entities.length, 0),
        losses: Object.keys(chosen).flatMap((split) => {
          const own = spaced.filter((issue) => issue.place?.split === split);
          return own.length
            ? [
                {
                  split,
                  kind: 'moved-spans',
                  count: own.length,
                  what: 'spans started or ended inside a word and now cover all of it',
                  lines: own.slice(0, 5).map((issue) => issue.line),
                },
              ]
            : [];
        }),
      };
    },
    export: async (_id, { format }, job) => {
      await work(job, 2);
      return `/home/sam/Documents/export${format === 'conll' ? '.conll' : '.jsonl'}`;
    },
    remove: async (id) => {
      const entry = of(id);
      world.data = world.data.filter((other) => other !== entry);
      return { freed_bytes: 61_000 };
    },
    cancel: async (job) => void cancelled.add(job),
    onProgress: (listener) => {
      world.listeners.progress.add(listener);
      return () => world.listeners.progress.delete(listener);
    },
    onDrag: (listener) => {
      world.listeners.drag.add(listener);
      return () => world.listeners.drag.delete(listener);
    },
  };
}

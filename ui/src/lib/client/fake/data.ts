// The data commands of the in-memory shell: recorded answers, with progress by the clock.

import { Failure, type DataClient, type DataSet, type MentionList } from '../client';
import { dataSet, nextVersion, search, SUPPORT_TICKETS, type FakeData } from './corpus';
import { inspectionOf, madeOf, modelCheckOf, planOf, previewOf } from './recorded';
import { openFindings, safeOnes } from '../../state/findings';
import { withNext, withoutLast, withRepairs } from '../../state/history';
import type { World } from './world';

const STAGES = ['reading', 'checking', 'writing'];
const TICKS = 4;

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
  /** Takes some time and reports progress with every tick. */
  const work = async (job: string, stages: number) => {
    for (const stage of STAGES.slice(0, stages)) {
      for (let tick = 1; tick <= TICKS; tick += 1) {
        for (const listener of world.listeners.progress) listener({ job, stage, done: tick * 80, total: TICKS * 80 });
        await new Promise((next) => setTimeout(next, world.tick / 2));
        if (cancelled.delete(job)) throw new Failure('cancelled', 'the work was cancelled');
      }
    }
  };
  const remade = async (id: string, job: string, change: (set: DataSet) => ReturnType<typeof withRepairs>) => {
    await work(job, 3);
    const { set, made } = of(id);
    const { repairs, ...history } = change(set);
    return keep(nextVersion(of(id), { ...made, repairs }, history));
  };
  return {
    list: async () => world.data.map((entry) => entry.set),
    pickFiles: async () => world.nextFiles,
    pickFolder: async () => world.nextFolder,
    inspect: async (request, job) => {
      await work(job, 2);
      return inspectionOf(request);
    },
    import: async (request, job) => {
      await work(job, 3);
      const id = request.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      return keep(dataSet(id, request.name, madeOf(request)));
    },
    update: async (id, files, repairs, _atOnce, job) => {
      await work(job, 3);
      return keep(nextVersion(of(id), madeOf({ files, repairs })));
    },
    importSample: async () => keep(dataSet('support-tickets', 'Support tickets', SUPPORT_TICKETS)),
    documents: async (id, query) => search(of(id), query),
    locate: async (id, split, number, text) => {
      const { documents } = of(id);
      if (documents[split]?.[number]?.text === text) return { split, document: number };
      for (const [name, all] of Object.entries(documents)) {
        const document = all.findIndex((other) => other.text === text);
        if (document >= 0) return { split: name, document };
      }
      return null;
    },
    findings: async (id, { code, severity, offset, limit }) => {
      const found = of(id).version.findings.filter(
        (issue) => (!code || (issue.cause ?? issue.code) === code) && (!severity || issue.severity === severity),
      );
      return { total: found.length, findings: found.slice(offset, offset + limit) };
    },
    statistics: async (id) => of(id).version.statistics,
    checkModel: async (id, _model, maxLength, job) => {
      await work(job, 2);
      return modelCheckOf(of(id).made, maxLength);
    },
    previewAugmentation: async (id, settings, job) => {
      await work(job, 1);
      if (settings.case_noise === 0) return [];
      const { documents } = search(of(id), {
        split: 'train',
        text: '',
        label: null,
        finding: null,
        offset: 0,
        limit: 10,
      });
      return documents.map((before) => {
        // Letters that grow would move the entities.
        const upper = (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
        const entities = before.entities.map((entity) => ({ ...entity, text: upper(entity.text) }));
        return { operations: ['case-noise'], before, after: { ...before, text: upper(before.text), entities } };
      });
    },
    pickMentions: async () => world.nextMentions,
    mentions: async (_id, { augment_mentions: path }) => mentionsOf(path ?? ''),
    previewRepair: async (id, repair, job) => {
      await work(job, 1);
      return previewOf(of(id).version, repair);
    },
    repair: (id, repair, job) => remade(id, job, (set) => withRepairs(set, [repair])),
    repairSafe: (id, job) =>
      remade(id, job, (set) =>
        withRepairs(
          set,
          safeOnes(openFindings(set)).flatMap(({ repair }) => repair ?? []),
        ),
      ),
    ignore: async (id, code, count) => {
      const entry = of(id);
      const { [code]: _gone, ...others } = entry.set.ignored ?? {};
      return keep({ ...entry, set: { ...entry.set, ignored: count === null ? others : { ...others, [code]: count } } });
    },
    undo: (id, job) => remade(id, job, withoutLast),
    redo: (id, job) => remade(id, job, withNext),
    exportPlan: async (id, request, job) => {
      await work(job, 1);
      return planOf(of(id).version, request);
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

/** What a list of mentions holds; one whose name says so is broken. */
function mentionsOf(path: string): MentionList {
  if (path.includes('broken'))
    throw new Failure(
      'data',
      'line 3: found 1 columns, expected a label and a mention with a tab between them, and 4 more lines are wrong',
      'each line must be a label, a tab and a mention, or JSON such as {"label": "CITY", "mention": "New York"}',
    );
  return {
    mentions: 214,
    labels: [
      {
        label: 'PRODUCT',
        mentions: 168,
        examples: ['Lumen Desk Pro', 'Quill Notes', 'Harbor Sync', 'Atlas Viewer', 'Tern Mail', 'Beacon Kiosk'],
        is_known: true,
      },
      {
        label: 'ORG',
        mentions: 41,
        examples: ['Hollins Bay College', 'Marlow & Finch', 'Ostrava Transit'],
        is_known: true,
      },
      { label: 'CITY', mentions: 5, examples: ['Bergen', 'Graz', 'Leith'], is_known: false },
    ],
  };
}

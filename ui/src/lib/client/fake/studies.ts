// The study commands of the in-memory shell: each goes on by a tick with every tick of the clock.

import { Failure, type RunRequest, type StudiesClient, type Study } from '../client';
import { libraryModel } from './models';
import { planStudy, studyAfter, ticksOf } from './study';
import type { FakeStudy, World } from './world';

export interface FakeStudies {
  commands: StudiesClient;
  start(request: RunRequest): Study;
}

export function studyCommands(world: World): FakeStudies {
  const of = (id: string): FakeStudy => {
    const found = world.studies.find((entry) => entry.study.id === id);
    if (!found) throw new Failure('unknown-study', `there is nothing called \`${id}\` in the library`);
    return found;
  };
  const change = (entry: FakeStudy, changed: Partial<Study>) => {
    entry.study = { ...entry.study, ...changed };
    for (const listener of world.listeners.study) listener(entry.study);
  };
  const halt = (entry: FakeStudy, changed: Partial<Study>) => {
    if (entry.timer) clearInterval(entry.timer);
    entry.timer = null;
    change(entry, { ...studyAfter(entry.plan, entry.ticks, false), stopping: false, ...changed });
    world.next();
  };
  const go = (entry: FakeStudy) => {
    entry.timer = setInterval(() => {
      entry.ticks += 1;
      if (entry.ticks < ticksOf(entry.plan)) return change(entry, studyAfter(entry.plan, entry.ticks, true));
      const { search, seeds } = studyAfter(entry.plan, entry.ticks, false);
      const middle = (search?.winner ? search.winner_seeds : seeds).middle;
      const values = search?.trials.find(({ trial }) => trial === search.winner)?.values;
      const run = world.keep(entry.study, middle ?? 0, values ?? {});
      const how = entry.study.often.kind === 'seeds' ? entry.study.often.combine : null;
      const model = `${entry.study.id}-${how}`;
      if (how) world.models.push(libraryModel(model, 'library', ['PRODUCT', 'ORG']));
      const combined = how ? { how, dev_f1: 0.861, test_f1: 0.857, model } : null;
      halt(entry, { status: 'finished', run, combined });
    }, world.tick);
  };
  return {
    start: (request) => {
      const plan = planStudy(request);
      const entry = world.addStudy(request, plan, 0, 'running');
      go(entry);
      return entry.study;
    },
    commands: {
      list: async () => world.studies.map((entry) => entry.study),
      stop: async (id) => {
        const entry = of(id);
        change(entry, { stopping: true });
        setTimeout(() => {
          if (entry.study.stopping) halt(entry, { status: 'stopped' });
        }, 3 * world.tick);
      },
      kill: async (id) => halt(of(id), { status: 'stopped' }),
      resume: async (id) => {
        const entry = of(id);
        change(entry, { status: 'running', failure: null });
        go(entry);
        return entry.study;
      },
      rename: async (id, name) => change(of(id), { name }),
      remove: async (id) => {
        const entry = of(id);
        world.studies = world.studies.filter((other) => other !== entry);
        return { freed_bytes: 512_000_000 };
      },
      onChange: (listener) => {
        world.listeners.study.add(listener);
        return () => world.listeners.study.delete(listener);
      },
    },
  };
}

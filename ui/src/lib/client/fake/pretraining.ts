// The pretraining commands of the in-memory shell: each goes on by a step with every tick of the clock.

import { fileName } from '../../format';
import { Failure, type Pretraining, type PretrainingClient, type PretrainRequest } from '../client';
import { libraryModel } from './models';
import type { FakeQueue } from './queue';
import type { FakePretraining, World } from './world';

const STEPS_PER_EPOCH = 12;
const EPOCHS = 3;

export interface FakePretrainings {
  commands: PretrainingClient;
  begin(request: PretrainRequest): Pretraining;
}

export function pretrainingCommands(world: World, queue: FakeQueue): FakePretrainings {
  const of = (id: string): FakePretraining => {
    const found = world.pretrainings.find((entry) => entry.pretraining.id === id);
    if (!found) throw new Failure('unknown-pretraining', `there is no pretraining \`${id}\` in the library`);
    return found;
  };
  const change = (entry: FakePretraining, changed: Partial<Pretraining>) => {
    entry.pretraining = { ...entry.pretraining, ...changed };
    for (const listener of world.listeners.pretraining) listener(entry.pretraining);
  };
  const halt = (entry: FakePretraining, changed: Partial<Pretraining>) => {
    if (entry.timer) clearInterval(entry.timer);
    entry.timer = null;
    change(entry, { stopping: false, eta_seconds: null, ...changed });
    world.next();
  };
  const finish = (entry: FakePretraining) => {
    const name = entry.pretraining.name;
    world.models.push(libraryModel(name, 'library'));
    halt(entry, {
      status: 'finished',
      helped: true,
      made: name,
    });
  };
  const go = (entry: FakePretraining) => {
    entry.timer = setInterval(() => {
      const { steps, seconds, evaluations } = entry.pretraining;
      const step = entry.pretraining.step + 1;
      const epoch = step / STEPS_PER_EPOCH;
      const loss = 4.2 - 0.5 * epoch + 0.02 * epoch * epoch;
      const measured = { step, epoch, loss, perplexity: Math.exp(loss), best: true };
      change(entry, {
        step,
        seconds: seconds + 1.5,
        eta_seconds: (steps - step) * 1.5,
        evaluations: Number.isInteger(epoch) ? [...evaluations, measured] : evaluations,
      });
      if (step >= steps) finish(entry);
    }, world.tick);
  };
  const begin = ({ name, model, text, epochs }: PretrainRequest): Pretraining => {
    const entry: FakePretraining = {
      pretraining: {
        id: name,
        name,
        created: new Date().toISOString(),
        model,
        text: text.map(fileName),
        status: 'running',
        stopping: false,
        documents: { train: 11_400, held_out: 600, windows: 11_812 },
        step: 0,
        steps: (epochs ?? EPOCHS) * STEPS_PER_EPOCH,
        head_steps: 0,
        seconds: 0,
        eta_seconds: null,
        evaluations: [{ step: 0, epoch: 0, loss: 4.2, perplexity: Math.exp(4.2), best: true }],
        helped: null,
        made: null,
        warnings: [],
        failure: null,
      },
      timer: null,
    };
    world.pretrainings = [...world.pretrainings, entry];
    change(entry, {});
    go(entry);
    return entry.pretraining;
  };
  const commands: PretrainingClient = {
    list: async () => world.pretrainings.map((entry) => entry.pretraining),
    pick: async () => world.nextTexts,
    start: async (request) => {
      const named = { ...request, name: request.name.trim() || `${request.model}-pretrained` };
      return world.isBusy ? queue.add(named) : { as: 'pretraining', pretraining: begin(named) };
    },
    stop: async (id) => {
      const entry = of(id);
      change(entry, { stopping: true });
      setTimeout(() => {
        if (entry.pretraining.stopping) halt(entry, { status: 'stopped' });
      }, 3 * world.tick);
    },
    kill: async (id) => halt(of(id), { status: 'stopped' }),
    resume: async (id) => {
      const entry = of(id);
      change(entry, { status: 'running', failure: null });
      go(entry);
      return entry.pretraining;
    },
    remove: async (id) => {
      const entry = of(id);
      world.pretrainings = world.pretrainings.filter((other) => other !== entry);
      return { freed_bytes: 271_000_000 };
    },
    onChange: (listener) => {
      world.listeners.pretraining.add(listener);
      return () => world.listeners.pretraining.delete(listener);
    },
  };
  return { commands, begin };
}

// The queue of the in-memory shell: when nothing trains, its first entry begins.

import {
  Failure,
  type PretrainRequest,
  type QueueClient,
  type QueueEntry,
  type RunRequest,
  type Started,
} from '../client';
import type { World } from './world';

/** What can wait. */
export type Waiting = RunRequest | PretrainRequest;

export interface FakeQueue {
  commands: QueueClient;
  add(request: Waiting): Started;
}

const KINDS = { once: 'run', seeds: 'seeds', search: 'search' } as const;

const kindOf = (request: Waiting): QueueEntry['kind'] =>
  'text' in request ? 'pretraining' : KINDS[request.often?.kind ?? 'once'];

export function queueCommands(world: World, begin: (request: Waiting) => void): FakeQueue {
  let removed: { entry: QueueEntry; place: number } | undefined;
  const publish = () => {
    for (const listener of world.listeners.queue) listener(structuredClone(world.queue));
  };
  const place = (id: string): number => {
    const found = world.queue.entries.findIndex((entry) => entry.id === id);
    if (found < 0) throw new Failure('plan', `the queue has no entry \`${id}\``);
    return found;
  };
  world.next = () => {
    if (world.isBusy || world.queue.asks || world.queue.failure) return;
    const first = world.queue.entries.find(({ status }) => status === 'waiting');
    const request = first && world.waiting.get(first.id);
    if (!first || !request) return;
    world.queue.entries = world.queue.entries.filter((entry) => entry !== first);
    publish();
    begin(request);
  };
  const setAll = (id: string | null, status: QueueEntry['status']) => {
    world.queue.entries = world.queue.entries.map((entry) =>
      id === null || entry.id === id ? { ...entry, status, failure: null } : entry,
    );
  };
  return {
    add: (request) => {
      const kind = kindOf(request);
      const id = `${kind}-${world.waiting.size + 1}`;
      world.waiting.set(id, request);
      world.queue.entries = [...world.queue.entries, world.queueEntry(id, kind, request)];
      publish();
      return { as: 'queued', id };
    },
    commands: {
      state: async () => world.queue,
      move: async (id, before) => {
        const entry = world.queue.entries[place(id)] as QueueEntry;
        const others = world.queue.entries.filter((other) => other !== entry);
        const at = before === null ? others.length : others.findIndex((other) => other.id === before);
        world.queue.entries = [...others.slice(0, at), entry, ...others.slice(at)];
        publish();
      },
      pause: async (id) => {
        if (id !== null) place(id);
        setAll(id, 'paused');
        world.queue.asks = false;
        publish();
      },
      resume: async (id) => {
        if (id !== null) place(id);
        setAll(id, 'waiting');
        world.queue = { ...world.queue, asks: false, failure: null };
        publish();
        world.next();
      },
      remove: async (id) => {
        const at = place(id);
        removed = { entry: world.queue.entries[at] as QueueEntry, place: at };
        world.queue.entries = world.queue.entries.filter((entry) => entry.id !== id);
        publish();
      },
      putBack: async (id) => {
        if (removed?.entry.id !== id) throw new Failure('unknown-entry', `\`${id}\` was not taken off`);
        world.queue.entries = world.queue.entries.toSpliced(removed.place, 0, removed.entry);
        removed = undefined;
        publish();
      },
      onChange: (listener) => {
        world.listeners.queue.add(listener);
        return () => world.listeners.queue.delete(listener);
      },
    },
  };
}

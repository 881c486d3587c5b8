// The client of the native window: calls go through the generated bindings, events through one channel.

import { Channel } from '@tauri-apps/api/core';
import { Failure, type Client, type Commands, type Unsubscribe } from '../client';
import { type AppEvent, commands } from './bindings';

export async function connectShell(): Promise<Client> {
  const events = new EventBus();
  const channel = new Channel<AppEvent>();
  channel.onmessage = (event) => events.notify(event);
  const ask = guarded(commands);
  await ask.eventsSubscribe(channel);
  return {
    demo: false,
    models: {
      ...group(ask, 'models'),
      onDownload: (listener) => events.on('download', ({ download }) => listener(download)),
    },
    data: {
      ...group(ask, 'data'),
      onProgress: (listener) => events.on('progress', ({ progress }) => listener(progress)),
      onDrag: (listener) => events.on('drag', ({ drag }) => listener(drag)),
    },
    runs: {
      ...group(ask, 'runs'),
      onEvent: (listener) =>
        events.on('events', (batch) => batch.events.forEach((event) => listener(batch.run, event))),
      onChange: (listener) => events.on('run', ({ run }) => listener(run)),
    },
    studies: {
      ...group(ask, 'studies'),
      onChange: (listener) => events.on('study', ({ study }) => listener(study)),
    },
    pretraining: {
      ...group(ask, 'pretraining'),
      onChange: (listener) => events.on('pretraining', ({ pretraining }) => listener(pretraining)),
    },
    queue: {
      ...group(ask, 'queue'),
      onChange: (listener) => events.on('queue', ({ queue }) => listener(queue)),
    },
    evaluations: {
      ...group(ask, 'evaluations'),
      onChange: (listener) => events.on('evaluation', ({ evaluation }) => listener(evaluation)),
    },
    batches: {
      ...group(ask, 'batches'),
      onChange: (listener) => events.on('batch', ({ batch }) => listener(batch)),
    },
    tagger: {
      ...group(ask, 'tagger'),
      onPreparing: (listener) => events.on('tagger', ({ model, preparing }) => listener(model, preparing)),
    },
    settings: {
      ...group(ask, 'settings'),
      onPreparing: (listener) => events.on('preparing', ({ preparing }) => listener(preparing)),
    },
    window: {
      ...group(ask, 'window'),
      onClose: (listener) =>
        events.on('close', ({ runs, studies, pretraining, waiting }) =>
          listener({ runs, studies, pretraining, waiting }),
        ),
    },
  };
}

/** The commands whose names begin with `prefix`, without it. */
function group<G extends string>(all: typeof commands, prefix: G): Commands<G> {
  const members = Object.entries(all).filter(([name]) => name.startsWith(prefix));
  const rest = (name: string) => name.charAt(prefix.length).toLowerCase() + name.slice(prefix.length + 1);
  return Object.fromEntries(members.map(([name, call]) => [rest(name), call])) as Commands<G>;
}

/** Reports to the shell that the first frame has been painted; it logs how long that took. */
export function painted(): void {
  requestAnimationFrame(() => requestAnimationFrame(() => void commands.windowPainted()));
}

type Kind = AppEvent['kind'];
type EventOf<K extends Kind> = Extract<AppEvent, { kind: K }>;

/** Passes each event to the listeners of its kind. */
export class EventBus {
  #listeners = new Map<Kind, Set<(event: AppEvent) => void>>();

  on<K extends Kind>(kind: K, listener: (event: EventOf<K>) => void): Unsubscribe {
    const all = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, all);
    // Listeners of a kind only ever get events of that kind.
    const own = listener as (event: AppEvent) => void;
    all.add(own);
    return () => all.delete(own);
  }

  notify(event: AppEvent): void {
    for (const listener of this.#listeners.get(event.kind) ?? []) listener(event);
  }
}

type Call = (...given: never[]) => Promise<unknown>;

/** The same commands, which throw `Failure`s. */
export function guarded<T extends Record<keyof T, Call>>(bindings: T): T {
  const guard =
    (call: Call) =>
    async (...given: never[]) => {
      try {
        return await call(...given);
      } catch (refusal) {
        throw failureOf(refusal);
      }
    };
  return Object.fromEntries(Object.entries<Call>(bindings).map(([name, call]) => [name, guard(call)])) as T;
}

function failureOf(refusal: unknown): Failure {
  if (typeof refusal === 'object' && refusal !== null && 'code' in refusal && 'message' in refusal) {
    const { code, message, hint } = refusal as { code: string; message: string; hint?: string | null };
    return new Failure(code, message, hint ?? null);
  }
  // A command that the window may not call, or arguments of the wrong type: a bug in the program.
  return new Failure('fault', String(refusal));
}

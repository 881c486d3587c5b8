// The client of the native window: every call goes through the generated bindings, all news through one channel.

import { Channel } from '@tauri-apps/api/core';
import { Failure, type Client, type Commands, type Unsubscribe } from '../client';
import { commands, type News } from './bindings';

export async function connectShell(): Promise<Client> {
  const news = new Newsroom();
  const channel = new Channel<News>();
  channel.onmessage = (piece) => news.tell(piece);
  const ask = guarded(commands);
  await ask.newsSubscribe(channel);
  return {
    demo: false,
    models: {
      ...group(ask, 'models'),
      onDownload: (listener) => news.on('download', ({ download }) => listener(download)),
    },
    data: {
      ...group(ask, 'data'),
      onProgress: (listener) => news.on('progress', ({ progress }) => listener(progress)),
      onDrag: (listener) => news.on('drag', ({ drag }) => listener(drag)),
    },
    runs: {
      ...group(ask, 'runs'),
      onEvent: (listener) => news.on('events', ({ run, events }) => events.forEach((event) => listener(run, event))),
      onChange: (listener) => news.on('run', ({ run }) => listener(run)),
    },
    evaluations: {
      ...group(ask, 'evaluations'),
      onChange: (listener) => news.on('evaluation', ({ evaluation }) => listener(evaluation)),
    },
    tagger: {
      ...group(ask, 'tagger'),
      onPreparing: (listener) => news.on('tagger', ({ model, preparing }) => listener(model, preparing)),
    },
    settings: {
      ...group(ask, 'settings'),
      onPreparing: (listener) => news.on('preparing', ({ preparing }) => listener(preparing)),
    },
    window: {
      ...group(ask, 'window'),
      onClose: (listener) => news.on('close', ({ runs }) => listener(runs)),
    },
  };
}

/** The commands whose names begin with `prefix`, without it. */
function group<G extends string>(all: typeof commands, prefix: G): Commands<G> {
  const members = Object.entries(all).filter(([name]) => name.startsWith(prefix));
  const rest = (name: string) => name.charAt(prefix.length).toLowerCase() + name.slice(prefix.length + 1);
  return Object.fromEntries(members.map(([name, call]) => [rest(name), call])) as Commands<G>;
}

/** Tells the shell that there is something to see; it writes down how long that took. */
export function painted(): void {
  requestAnimationFrame(() => requestAnimationFrame(() => void commands.windowPainted()));
}

type Kind = News['news'];
type Piece<K extends Kind> = Extract<News, { news: K }>;

/** Hands each piece of news to those who listen for its kind. */
export class Newsroom {
  #listeners = new Map<Kind, Set<(piece: News) => void>>();

  on<K extends Kind>(kind: K, listener: (piece: Piece<K>) => void): Unsubscribe {
    const all = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, all);
    // What is kept under a kind is only ever told pieces of that kind.
    const told = listener as (piece: News) => void;
    all.add(told);
    return () => all.delete(told);
  }

  tell(piece: News): void {
    for (const listener of this.#listeners.get(piece.news) ?? []) listener(piece);
  }
}

type Call = (...given: never[]) => Promise<unknown>;

/** The same commands, whose refusals are `Failure`s. */
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
  // A command that the window may not call, or arguments that do not fit: a fault of the program.
  return new Failure('fault', String(refusal));
}

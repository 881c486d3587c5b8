// The client of the native window: every call goes through the generated bindings, all news through one channel.

import { Channel } from '@tauri-apps/api/core';
import { Failure, type Client, type Unsubscribe } from '../client';
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
      shelf: ask.modelsShelf,
      search: ask.modelsSearch,
      details: ask.modelsDetails,
      library: ask.modelsLibrary,
      addFolder: ask.modelsAddFolder,
      remove: ask.modelsRemove,
      openPage: nothing(ask.modelsOpenPage),
      downloads: ask.downloadsList,
      download: nothing(ask.downloadStart),
      cancelDownload: nothing(ask.downloadCancel),
      discardDownload: nothing(ask.downloadDiscard),
      onDownload: (listener) => news.on('download', ({ download }) => listener(download)),
    },
    data: {
      list: ask.dataList,
      pickFiles: ask.dataPickFiles,
      pickFolder: ask.dataPickFolder,
      inspect: ask.dataInspect,
      import: ask.dataImport,
      update: ask.dataUpdate,
      importSample: ask.dataImportSample,
      documents: ask.dataDocuments,
      findings: ask.dataFindings,
      statistics: ask.dataStatistics,
      checkModel: ask.dataCheckModel,
      previewRepair: ask.dataPreviewRepair,
      repair: ask.dataRepair,
      undo: ask.dataUndo,
      redo: ask.dataRedo,
      exportPlan: ask.dataExportPlan,
      export: ask.dataExport,
      remove: ask.dataRemove,
      cancel: nothing(ask.dataCancel),
      onProgress: (listener) => news.on('progress', ({ progress }) => listener(progress)),
      onDrag: (listener) => news.on('drag', ({ drag }) => listener(drag)),
    },
    runs: {
      list: ask.runsList,
      start: ask.runsStart,
      stop: nothing(ask.runsStop),
      kill: nothing(ask.runsKill),
      resume: nothing(ask.runsResume),
      rename: nothing(ask.runsRename),
      remove: ask.runsRemove,
      events: ask.runsEvents,
      report: ask.runsReport,
      onEvent: (listener) => news.on('events', ({ run, events }) => events.forEach((event) => listener(run, event))),
      onChange: (listener) => news.on('run', ({ run }) => listener(run)),
    },
    evaluations: {
      list: ask.evaluationsList,
      start: ask.evaluationsStart,
      cancel: nothing(ask.evaluationsCancel),
      remove: nothing(ask.evaluationsRemove),
      report: ask.evaluationsReport,
      onChange: (listener) => news.on('evaluation', ({ evaluation }) => listener(evaluation)),
    },
    tagger: {
      tag: ask.taggerTag,
      cancel: nothing(ask.taggerCancel),
      onPreparing: (listener) => news.on('tagger', ({ model, preparing }) => listener(model, preparing)),
      openText: ask.taggerOpenText,
    },
    settings: {
      preferences: ask.preferencesRead,
      savePreferences: nothing(ask.preferencesSave),
      devices: ask.devicesList,
      testDevices: ask.devicesTest,
      cancelTest: nothing(ask.devicesCancel),
      onPreparing: (listener) => news.on('preparing', ({ preparing }) => listener(preparing)),
      hub: ask.hubRead,
      saveHub: ask.hubSave,
      saveToken: ask.tokenSave,
      storage: ask.storageRead,
      openFolder: nothing(ask.storageOpen),
      diagnostics: ask.diagnosticsRead,
      copy: async (text, html) => void (await ask.clipboardWrite(text, html ?? null)),
    },
    window: {
      onClose: (listener) => news.on('close', ({ runs }) => listener(runs)),
      close: nothing(ask.windowClose),
    },
  };
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

/** The call without its answer. */
function nothing<A extends unknown[]>(call: (...given: A) => Promise<unknown>): (...given: A) => Promise<void> {
  return async (...given) => {
    await call(...given);
  };
}

// The window commands of the in-memory shell. Closing a browser tab cannot be prevented, so the event
// `tagsmith:close` stands for the close button of a real window.

import type { PretrainingClient, RunsClient, StudiesClient, WindowClient } from '../client';
import type { World } from './world';

export function windowCommands(
  world: World,
  runs: RunsClient,
  studies: StudiesClient,
  pretraining: PretrainingClient,
): WindowClient {
  const searching = () => world.studies.map((entry) => entry.study).filter((study) => study.status === 'running');
  const waiting = () => world.queue.entries.filter(({ status }) => status === 'waiting').length;
  const running = () => world.runs.map((entry) => entry.run).filter((run) => run.status === 'running');
  const pretrained = () =>
    world.pretrainings.map((entry) => entry.pretraining).filter(({ status }) => status === 'running');
  globalThis.addEventListener?.('tagsmith:close', () => {
    for (const listener of world.listeners.close)
      listener({ runs: running(), studies: searching(), pretraining: pretrained(), waiting: waiting() });
  });
  return {
    // A browser's dialogs have their own words.
    systemTexts: async () => {},
    onClose: (listener) => {
      world.listeners.close.add(listener);
      return () => world.listeners.close.delete(listener);
    },
    close: async (choice) => {
      if (choice === 'stop') {
        // Nothing more begins.
        world.next = () => {};
        for (const run of running()) await runs.stop(run.id);
        for (const study of searching()) await studies.stop(study.id);
        for (const { id } of pretrained()) await pretraining.stop(id);
      }
      // The window closes when the last run has stopped.
      while (choice === 'stop' && [...running(), ...searching(), ...pretrained()].length)
        await new Promise((next) => setTimeout(next, world.tick));
      world.closed = choice;
    },
  };
}

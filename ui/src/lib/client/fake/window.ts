// The window commands of the in-memory shell. Closing a browser tab cannot be prevented, so the event
// `tagsmith:close` stands for the close button of a real window.

import type { RunsClient, WindowClient } from '../client';
import type { World } from './world';

export function windowCommands(world: World, runs: RunsClient): WindowClient {
  const running = () => world.runs.map((entry) => entry.run).filter((run) => run.status === 'running');
  globalThis.addEventListener?.('tagsmith:close', () => {
    for (const listener of world.listeners.close) listener(running());
  });
  return {
    onClose: (listener) => {
      world.listeners.close.add(listener);
      return () => world.listeners.close.delete(listener);
    },
    close: async (choice) => {
      if (choice === 'stop') for (const run of running()) await runs.stop(run.id);
      // The window closes when the last run has stopped.
      while (choice === 'stop' && running().length) await new Promise((next) => setTimeout(next, world.tick));
      world.closed = choice;
    },
  };
}

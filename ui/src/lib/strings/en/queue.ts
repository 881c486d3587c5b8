// The queue of runs.

import { count } from '../../format';

export const queue = {
  title: 'Queue',
  entry: 'Queue',
  standing: (waiting: number, paused: number, failed: number) =>
    waiting
      ? `${count(waiting)} waiting`
      : paused
        ? `${count(paused)} paused`
        : failed
          ? `${count(failed)} failed`
          : 'running',
  about: 'Begins in this order, one after another.',
  empty: 'Nothing is waiting. While something trains, what you start is added here.',
  loading: 'Reading the queue…',
  failed: 'The queue could not be read',
  stuck: 'The queue does not go on',
  goOn: 'Try again',
  kinds: { run: 'Run', seeds: 'Several seeds', search: 'Search', pretraining: 'Pretraining', command: 'Command line' },
  status: {
    waiting: 'Waiting',
    running: 'Running',
    pausing: 'Pausing after this step',
    paused: 'Paused',
    stopped: 'Waiting',
    failed: 'Failed',
    done: 'Done',
  },
  begun: 'continues where it stopped',
  inQueue: 'In the queue: continues when its turn comes.',
  defaults: 'default settings',
  moreSettings: (number: number) => `${count(number)} more`,
  up: (name: string) => `Move ${name} up`,
  down: (name: string) => `Move ${name} down`,
  pause: (name: string) => `Pause ${name}`,
  resume: (name: string) => `Resume ${name}`,
  remove: (name: string) => `Remove ${name} from the queue`,
  show: (name: string) => `Show ${name}`,
  pauseAll: 'Pause all',
  resumeAll: 'Resume all',
  pausedNow: (name: string) => `“${name}” is paused, and continues where it stopped.`,
  removed: (name: string) => `“${name}” was removed from the queue.`,
  added: (name: string) => `“${name}” was added to the queue.`,
  open: 'Show queue',
  moved: (name: string, place: number, of: number) => `${name} is now number ${count(place)} of ${count(of)}.`,
  keys: 'Alt+↑ and Alt+↓ move an entry, Alt+Home and Alt+End to the first or last place.',
  ask: {
    title: 'Go on with the queue?',
    about: 'This was waiting when you closed Tagsmith:',
    later: 'Not now',
    go: 'Go on',
    laterAbout: '“Not now” pauses them. Resume them at any time, below the form in Train.',
  },
};

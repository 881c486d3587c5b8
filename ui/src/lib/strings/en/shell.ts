// The window’s frame: navigation, shortcuts, the question on closing.

import type { SystemTexts } from '../../client/client';
import { count } from '../../format';
import type { JobKind } from '../../state/job.svelte';
import { many } from './words';

export const shell = {
  screens: 'Screens',
  names: {
    models: 'Models',
    data: 'Data',
    train: 'Train',
    results: 'Results',
    highlight: 'Highlight',
    batch: 'Tag files',
    settings: 'Settings',
    help: 'Help',
  },
  demo: 'Demonstration',
  demoAbout: 'Models, runs and scores here are made up; nothing is computed.',
  runningNow: 'Training',
  show: (name: string) => `Show the run ${name}`,
  shortcuts: {
    title: 'Keyboard shortcuts',
    open: 'Keyboard shortcuts (?)',
    or: 'or',
    list: [
      [['Ctrl+1…8'], 'Go to a screen: Models to Help'],
      [['F1'], 'Open the help'],
      [['/', 'Ctrl+F'], 'Search models, or the texts of a data set'],
      [['Ctrl+Enter'], 'Start training on Train, or tagging on Tag files'],
      [['Ctrl+Z', 'Ctrl+Shift+Z'], 'Undo or redo a change on Data, or undo Clear on Highlight'],
      [['Alt+↑ ↓', 'Alt+Home/End'], 'Move an entry of the queue, on Train'],
      [['Tab', 'Shift+Tab'], 'Go to the next control, or back'],
      [['← →'], 'Switch tabs, move sliders'],
      [['↑ ↓', 'Page Up/Down'], 'Scroll a list'],
      [['Esc'], 'Close a dialog, a hint or a notification'],
      [['?'], 'Show this list'],
    ] as [string[], string][],
  },
  /** Dialogs that the system draws. */
  system: {
    titles: {
      data: 'Choose data files',
      data_folder: 'Choose a folder of data',
      text: 'Open a text',
      model: 'Choose a model folder',
      mentions: 'Choose a list of mentions',
      unlabelled: 'Choose text to learn from',
      export_data: 'Export the data',
      export_entities: 'Export the entities',
      export_model: 'Export the model',
    },
    kinds: { data: 'Data', text: 'Text', lists: 'Lists', all: 'All files' },
    in_use: 'Tagsmith is already open for the folder “{folder}”.',
    in_use_next: 'Use that window, or close it first.',
  } satisfies SystemTexts,
  closing: {
    title: 'Close Tagsmith?',
    training: (names: string[]) =>
      names.length === 1
        ? `“${names[0]}” is still training.`
        : `${count(names.length)} runs are still training: ${names.join(', ')}.`,
    choice:
      'Training can continue in the background; Tagsmith shows its progress when you open it again. Or stop it after this step and keep the best model so far.',
    waiting: (number: number) =>
      `${many(number, 'more waits', 'more wait')} in the queue. If training continues, the queue does, too; if you stop it, Tagsmith asks when you open it again.`,
    tagging: (names: string[]) =>
      names.length === 1
        ? `“${names[0]}” is still being tagged.`
        : `${count(names.length)} batches are still being tagged: ${names.join(', ')}.`,
    taggingStops:
      'Tagging stops when Tagsmith closes. What is tagged so far is kept, and you can resume it later in Tag files.',
    jobs: {
      import: 'An import is still running and will be cancelled.',
      export: 'An export is still running and will be cancelled.',
      repair: 'A change to a data set is still running and will be cancelled.',
    } satisfies Record<JobKind, string>,
    other: 'Tagsmith is still working. If you close it now, the work in progress is lost.',
    downloads: (number: number) =>
      `${many(number, 'download is incomplete. You can resume it', 'downloads are incomplete. You can resume them')} when you open Tagsmith again.`,
    stopping: 'Stopping. The best model so far is being scored; then the window closes by itself.',
    evaluations: (number: number) =>
      `${many(number, 'evaluation is', 'evaluations are')} still running and will be cancelled.`,
    end: 'Stop training immediately',
    keep: 'Close and keep training',
    stop: 'Stop and keep the best model',
    close: 'Close the window',
    progress: (share: string, left: string) => `${share} done, ${left} left`,
    demo: 'The window would close now. The demonstration stays open.',
  },
};

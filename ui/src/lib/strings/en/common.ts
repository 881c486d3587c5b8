// What several screens say.

import { bytes, count, fixed } from '../../format';

export const common = {
  cancel: 'Cancel',
  close: 'Close',
  dismiss: 'Dismiss',
  retry: 'Try again',
  needName: 'It needs a name.',
  nameTaken: 'Another one has this name already.',
  undo: 'Undo',
  stop: 'Stop',
  remove: 'Delete',
  notices: 'Notifications',
  helpOn: (about: string) => `What is “${about}”?`,
  choose: 'Choose…',
  none: 'None',
  copied: 'Copied to the clipboard.',
  freed: (freed: number) => `Deleted. ${bytes(freed)} are free again.`,
  unknown: 'unknown',
  /** A value after its name. */
  named: (label: string, value: string) => `${label}: ${value}`,
  /** A stage of some work. */
  stage: (work: string, stage: string) => `${work}: ${stage.toLowerCase()}`,
  epoch: (epoch: number) => `epoch ${Number.isInteger(epoch) ? count(epoch) : fixed(epoch, 1)}`,
};

// What several screens say.

import { bytes, count } from '../../format';

export const common = {
  cancel: 'Cancel',
  close: 'Close',
  dismiss: 'Dismiss',
  retry: 'Try again',
  stop: 'Stop',
  remove: 'Delete',
  notices: 'Notifications',
  helpOn: (about: string) => `What is “${about}”?`,
  choose: 'Choose…',
  none: 'None',
  copied: 'Copied to the clipboard.',
  freed: (freed: number) => `Deleted. ${bytes(freed)} are free again.`,
  unknown: 'unknown',
  epoch: (epoch: number) => `epoch ${Number.isInteger(epoch) ? count(epoch) : epoch.toFixed(1)}`,
};

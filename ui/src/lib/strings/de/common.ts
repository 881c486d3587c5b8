// What several screens say.

import { bytes, count, fixed } from '../../format';
import type { common as en } from '../en/common';

export const common: typeof en = {
  cancel: 'Abbrechen',
  close: 'Schließen',
  dismiss: 'Ausblenden',
  retry: 'Erneut versuchen',
  needName: 'Es braucht einen Namen.',
  nameTaken: 'So heißt schon etwas anderes.',
  undo: 'Rückgängig',
  stop: 'Anhalten',
  remove: 'Löschen',
  notices: 'Mitteilungen',
  helpOn: (about) => `Was bedeutet „${about}“?`,
  choose: 'Auswählen…',
  none: 'Keine',
  copied: 'In die Zwischenablage kopiert.',
  freed: (freed) => `Gelöscht. ${bytes(freed)} sind wieder frei.`,
  unknown: 'unbekannt',
  named: (label, value) => `${label}: ${value}`,
  stage: (work, stage) => `${work}: ${stage}`,
  epoch: (epoch) => `Epoche ${Number.isInteger(epoch) ? count(epoch) : fixed(epoch, 1)}`,
};

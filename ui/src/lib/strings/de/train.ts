// The screen Train: the list of runs.

import { score } from '../../format';
import type { train as en } from '../en/train';

export const train: typeof en = {
  title: 'Training',
  about: 'Bringen Sie einem Modell Ihre Labels bei. Die Voreinstellungen passen für die meisten Daten.',
  ended: {
    finished: (name) => `Der Lauf „${name}“ ist fertig.`,
    stopped: (name) => `Der Lauf „${name}“ wurde angehalten. Sein bestes Modell bleibt.`,
    stoppedBefore: (name) => `Der Lauf „${name}“ wurde vor seinem ersten Schritt angehalten.`,
    failed: (name) => `Der Lauf „${name}“ ist fehlgeschlagen.`,
    failedHint: 'Der Grund steht in der Ansicht Training.',
    nothing: (name) => `Der Lauf „${name}“ ist fertig, hat aber noch nichts gelernt.`,
    nothingHint: 'Unter Ergebnisse steht, was Sie versuchen können.',
  },
  learnedNothing: 'Nichts gelernt',
  loading: 'Läufe werden gelesen…',
  failed: 'Die Läufe konnten nicht gelesen werden',
  runs: 'Läufe',
  none: 'Noch keine Läufe. Der erste erscheint hier.',
  find: 'Lauf suchen',
  noneFound: 'Kein Lauf passt.',
  new: 'Neuer Lauf',
  status: { running: 'Läuft', finished: 'Fertig', stopped: 'Angehalten', failed: 'Fehlgeschlagen' },
  testF1: (value) => `Test-F1 ${score(value)}`,
  devF1: (value) => `Dev-F1 ${score(value)}`,
  needData: 'Zu Daten',
  startTitle: 'Lauf starten',
  start: 'Training starten',
  busy: 'Ein anderer Lauf trainiert. Er muss fertig oder angehalten sein, bevor dieser weitergeht.',
  enqueue: 'In die Warteschlange',
  enqueueAbout: 'Es läuft schon ein Training. Dieses beginnt, wenn es an der Reihe ist.',
};

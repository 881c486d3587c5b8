// What is wrong with a data set.

import { count } from '../../format';
import type { findings as en } from '../en/findings';
import { reasons } from './finding-reasons';
import { remedies } from './finding-remedies';
import { titles } from './finding-titles';
import { form, many } from './words';

export const findings: typeof en = {
  none: 'Keine Probleme gefunden',
  noneAbout: 'Jede Zeile konnte gelesen werden, und die Splits passen zusammen.',
  noneAboutOne: 'Jede Zeile konnte gelesen werden.',
  noneFit: 'Keine Befunde dieser Art',
  severities: 'Schwere',
  all: 'Alle',
  plural: { error: 'Fehler', warning: 'Warnungen', info: 'Hinweise' },
  kind: 'Art',
  anyKind: 'Jede Art',
  placesCount: (number) => form(number, 'an einer Stelle', `an ${count(number)} Stellen`),
  fix: 'Was zu tun ist',
  places: (number) => form(number, 'Anzeigen', `Alle ${count(number)} anzeigen`),
  preview: 'Was die Reparatur zuerst bewirkt',
  explains: (kinds) => `Das erklärt auch: ${kinds.map(([title, number]) => `${title} (${count(number)})`).join(', ')}.`,
  ignore: 'Ignorieren',
  ignoreOf: (title) => `Ignorieren: ${title}`,
  ignoredNow: (title) => `„${title}“ wird ab jetzt ignoriert.`,
  shownAgain: (title) => `„${title}“ wird wieder angezeigt.`,
  ignored: (number) => `Ignoriert: ${count(number)}`,
  ignoredAbout: 'Eine Art kommt von selbst wieder, wenn es mehr davon gibt als jetzt.',
  showAgain: 'Wieder anzeigen',
  showAgainOf: (title) => `Wieder anzeigen: ${title}`,
  noneOpen: 'Nichts mehr anzusehen',
  noneOpenAbout: 'Alle übrigen Befunde werden ignoriert; sie stehen unten.',
  safe: (number) => `Sichere reparieren (${count(number)})`,
  safeTitle: (number) => `${many(number, 'Befund', 'Befunde')} reparieren`,
  safeAbout:
    'Diese Reparaturen verlangen keine Entscheidung: Sie machen die Daten nur genau. Ein Modell lernt vorher und nachher dasselbe, weil es ganze Wörter lernt.',
  safeGo: 'Alle reparieren',
  look: (number) => `${many(number, 'Befund', 'Befunde')}: vor dem Training ansehen.`,
  lookAt: 'Befunde ansehen',
  hide: 'Ausblenden',
  placesOf: (title) => `Befunde: ${title}`,
  more: 'Mehr anzeigen',
  listed: (listed, all) => `Vor dem Import stehen hier die ersten ${count(listed)} von ${count(all)}, danach alle.`,
  loading: 'Befunde werden gelesen…',
  failed: 'Die Befunde konnten nicht gelesen werden',
  show: 'Im Text anzeigen',
  showAt: (split, line) => `Im Text anzeigen: ${split}, Zeile ${count(line)}`,
  wholeFile: 'die ganze Datei',
  planned: 'Reparatur vorgemerkt',
  titles,
  reasons,
  remedies,
};

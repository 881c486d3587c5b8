// Two runs beside each other.

import { count } from '../../format';
import type { comparison as en } from '../en/comparison';
import { many } from './words';

export const comparison: typeof en = {
  title: 'Vergleich',
  loading: 'Wird verglichen…',
  failed: 'Die Läufe konnten nicht verglichen werden',
  curve: 'Dev-F1',
  same: 'Alle Einstellungen sind gleich.',
  differ: 'Abweichende Einstellungen',
  difference: 'Unterschied',
  notScored: 'Keiner der beiden Läufe ist schon bewertet.',
  scoresOn: (split) => `F1 auf ${split}`,
  interval: (low, high) => `${Math.round(low * 100)}–${Math.round(high * 100)}`,
  better: (split, name, fewer, more) =>
    `Auf ${split} ist „${name}“ besser: Es macht bei ${many(fewer, 'Dokument', 'Dokumenten')} weniger Fehler und bei ${count(more)} mehr.`,
  noClear: (split, first, second) =>
    first + second === 0
      ? `Auf ${split} machen beide in jedem Dokument gleich viele Fehler.`
      : `Auf ${split} kann der Unterschied Zufall sein: Der eine Lauf macht bei ${many(first, 'Dokument', 'Dokumenten')} weniger Fehler, der andere bei ${count(second)}.`,
  differentData: (split) =>
    `Die Werte auf ${split} sind nicht vergleichbar: Sie stammen von verschiedenen Dokumenten oder Labels.`,
  differentLabels: (split) =>
    `Die Werte auf ${split} sind nicht vergleichbar: Verschiedene Modelle haben vor der Bewertung Entitäten ergänzt.`,
  oneScored: (split) => `Nur einer der Läufe wurde auf ${split} bewertet.`,
  data: 'Woraus sie gelernt haben',
  sameData: 'Beide haben aus denselben Dokumenten und Labels gelernt.',
  version: (name, version) => (version === null ? name : `${name}, Version ${count(version)}`),
  onlyLabels: 'Labels nur eines Laufs',
  showDocuments: 'Abweichende Dokumente',
  documents: {
    same: 'dieselben Dokumente',
    unknown: 'andere Dokumente; die Dateien eines Laufs sind nicht mehr da',
    order: 'dieselben Dokumente in anderer Reihenfolge',
    only: (name, documents) => `${many(documents, 'Dokument', 'Dokumente')} nur in „${name}“`,
    relabelled: (documents) => `${many(documents, 'Dokument', 'Dokumente')} mit anderen Entitäten`,
    changed: 'andere Entitäten',
    onlyIn: (name) => `nur in „${name}“`,
  },
  rows: { time: 'Zeit', steps: 'Schritte', model: 'Modell', data: 'Daten' },
};

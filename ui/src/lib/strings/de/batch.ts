// The screen Tag files.

import { count } from '../../format';
import type { batch as en } from '../en/batch';
import { many } from './words';

export const batch: typeof en = {
  title: 'Dateien taggen',
  about: 'Entitäten in vielen Texten auf einmal finden und als Tabelle mitnehmen.',
  loading: 'Getaggte Dateien werden gelesen…',
  failed: 'Die getaggten Dateien konnten nicht gelesen werden',
  list: 'Getaggte Dateien',
  none: 'Noch nichts getaggt.',
  new: 'Neu',
  what: 'Was getaggt wird',
  with: 'Mit welchem Modell',
  drop: 'Dateien oder einen Ordner hierher ziehen: Text, CSV, JSONL, Parquet. Labels darin werden ignoriert.',
  pickFiles: 'Dateien auswählen…',
  pickFolder: 'Ordner auswählen…',
  orData: 'oder ein Datensatz…',
  files: (files) => many(files, 'Datei', 'Dateien'),
  column: 'Text in',
  remove: (name) => `${name} aus der Liste entfernen`,
  first: 'Die ersten Texte',
  noTexts: 'Hier ist kein Text.',
  skipped: {
    before: {
      title: (files) =>
        files === 1
          ? 'Eine der ersten Dateien kann nicht bis zum Ende gelesen werden'
          : `${count(files)} der ersten Dateien können nicht bis zum Ende gelesen werden`,
      taken: (texts) =>
        texts === 0
          ? 'Aus ihr wird kein Text übernommen.'
          : `${many(texts, 'Text', 'Texte')} vor dem Fehler ${texts === 1 ? 'wird' : 'werden'} übernommen, der Rest wird ausgelassen.`,
    },
    after: {
      title: (files) => `${many(files, 'Datei konnte', 'Dateien konnten')} nicht bis zum Ende gelesen werden`,
      taken: (texts) =>
        texts === 0
          ? 'Aus ihr wurde kein Text übernommen.'
          : `${many(texts, 'Text', 'Texte')} vor dem Fehler ${texts === 1 ? 'wurde' : 'wurden'} übernommen, der Rest wurde ausgelassen.`,
    },
  },
  lookFailed: 'Die Dateien konnten nicht gelesen werden',
  whole: 'Jede Textdatei ist ein Dokument',
  wholeAbout: '(sonst jede Zeile)',
  model: 'Modell',
  name: 'Name',
  start: 'Tagging starten',
  needFiles: 'Wählen Sie zuerst Dateien oder einen Datensatz aus.',
  needModel: 'Wählen Sie zuerst ein Modell aus.',
  needReadable: 'Entfernen Sie die nicht lesbaren Dateien, oder wählen Sie eine andere Spalte.',
  busy: (name) => `„${name}“ wird gerade getaggt. Halten Sie es an, oder warten Sie, bis es fertig ist.`,
  noModel: 'Noch kein trainiertes Modell',
  noModelAbout:
    'Zum Taggen braucht es ein Modell, das Ihre Labels gelernt hat. Trainieren Sie eines: Das dauert wenige Minuten.',
  status: {
    reading: 'Wird gelesen',
    tagging: 'Wird getaggt',
    indexing: 'Wird durchsuchbar gemacht',
    finished: 'Fertig',
    stopped: 'Angehalten',
    failed: 'Fehlgeschlagen',
  },
  documents: (documents) => many(documents, 'Dokument', 'Dokumente'),
  sources: (names) => (names.length > 2 ? `${names[0]} und ${count(names.length - 1)} weitere` : names.join(', ')),
  reading: (read) => `Wird gelesen: bisher ${many(read, 'Dokument', 'Dokumente')}`,
  progress: (done, total) => `${count(done)} von ${many(total, 'Dokument', 'Dokumenten')}`,
  left: (time) => `noch etwa ${time}`,
  kept: (done, total) =>
    `${count(done)} von ${many(total, 'Dokument', 'Dokumenten')} sind getaggt und bleiben. Fortsetzen macht dort weiter.`,
  resume: 'Fortsetzen',
  nothing: 'Das Modell hat in diesen Texten nichts gefunden.',
  format: 'Exportieren als',
  formats: { csv: 'CSV, eine Zeile pro Entität', jsonl: 'JSONL', parquet: 'Parquet', html: 'HTML-Seite' },
  export: 'Exportieren…',
  exportTitle: 'Welche Dokumente sollen exportiert werden?',
  exportAbout: (shown, all) =>
    `Mit der Suche und dem Label auf dem Bildschirm werden ${count(shown)} von ${many(all, 'Dokument', 'Dokumenten')} gezeigt.`,
  exportShown: (shown) => `Die ${count(shown)} gezeigten exportieren`,
  exportAll: (all) => `Alle ${count(all)} exportieren`,
  exporting: 'Wird geschrieben',
  exported: (path) => `Exportiert nach ${path}.`,
  delete: 'Diese Ergebnisse löschen',
  removeAbout: 'Was gefunden wurde, wird gelöscht. Die Dateien selbst bleiben.',
  ended: {
    finished: (name, documents) => `„${name}“ ist getaggt: ${many(documents, 'Dokument', 'Dokumente')}.`,
    failed: (name) => `„${name}“ konnte nicht vollständig getaggt werden.`,
  },
};

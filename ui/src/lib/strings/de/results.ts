// The screen Results.

import { count, score } from '../../format';
import type { results as en } from '../en/results';
import { many } from './words';

export const results: typeof en = {
  title: 'Ergebnisse',
  about: 'Wie gut ein Modell ist und wo es falsch liegt.',
  loading: 'Werte werden gelesen…',
  failed: 'Die Werte konnten nicht gelesen werden',
  empty: 'Noch keine Werte',
  emptyAbout:
    'Jeder Lauf wird bewertet, wenn er endet. Trainieren Sie ein Modell, um hier seine Ergebnisse zu sehen, oder bewerten Sie ein vorhandenes auf Ihren Daten.',
  goTrain: 'Zu Training',
  runsLoading: 'Läufe werden gelesen…',
  runsFailed: 'Die Läufe konnten nicht gelesen werden',
  list: 'Bewertungen',
  runs: 'Auf eigenen Daten',
  others: 'Auf anderen Daten',
  noRuns: 'Noch keine.',
  split: 'Split',
  f1: (f1) => `F1 ${score(f1)}`,
  tabs: { scores: 'Werte', confusion: 'Verwechslungen', errors: 'Falsche Vorhersagen' },
  conventions: {
    conlleval: 'Bewertet wie von conlleval: Eine Entität zählt, wenn ihr Label und ihre Grenzen beide richtig sind.',
    strict: 'Bewertet wie im strengen Modus von seqeval: Tags, die das Schema verletzen, bilden keine Entität.',
  },
  decodings: { viterbi: 'Mit Viterbi dekodiert.', argmax: 'Mit argmax dekodiert.' },
  of: (documents, words) =>
    `${many(documents, 'Dokument', 'Dokumente')}, ${many(words, 'Wort', 'Wörter')}, alle bewertet.`,
  moved: (entities) => `${many(entities, 'Entität wurde', 'Entitäten wurden')} auf ganze Wörter erweitert.`,
  lost: (entities) =>
    `${many(entities, 'Entität teilt', 'Entitäten teilen')} ein Wort mit einer anderen und ${entities === 1 ? 'konnte' : 'konnten'} nicht bewertet werden.`,
  columns: { label: 'Label', precision: 'Precision', recall: 'Recall', f1: 'F1', support: 'Entitäten' },
  overall: 'Gesamt',
  macro: 'Makro-Mittel',
  accuracy: 'Token-Genauigkeit',
  precisionHelp: 'Der Anteil der vorhergesagten Entitäten, die richtig sind, in Prozent.',
  recallHelp: 'Der Anteil der annotierten Entitäten, die gefunden wurden, in Prozent.',
  gold: 'Annotiert',
  predicted: 'Vorhergesagt',
  missed: 'Übersehen',
  spurious: 'Fehlalarm',
  confusionAbout:
    'Zeilen: annotiert. Spalten: vorhergesagt. Grün zählt nur Richtiges. Ein Klick auf eine Zahl zeigt ihre Sätze.',
  cell: (gold, predicted, number) => `${gold} vorhergesagt als ${predicted}: ${count(number)}`,
  boundaryCell: (label, number) => `${label} mit falschen Grenzen: ${count(number)}`,
  correct: (label, number) => `${label} richtig: ${count(number)}`,
  kind: 'Art des Fehlers',
  label: 'Label',
  anyKind: 'Alle Fehler',
  anyLabel: 'Alle Labels',
  kinds: {
    missed: 'Übersehen',
    spurious: 'Fehlalarm',
    label: 'Falsches Label',
    boundary: 'Falsche Grenzen',
    label_and_boundary: 'Label und Grenzen falsch',
  },
  found: (documents, mistakes) => `${count(mistakes)} Fehler in ${many(documents, 'Dokument', 'Dokumenten')}`,
  noErrors: 'Keine falschen Vorhersagen',
  noErrorsAbout: 'Jede Vorhersage in diesem Split ist richtig.',
  noneFit: 'Kein Fehler passt zu diesen Filtern',
  removeFilters: 'Filter entfernen',
  mistakes: 'Falsche Vorhersagen',
  none: 'keine',
  mistake: {
    missed: (gold) => `${gold} übersehen`,
    spurious: (_gold, predicted) => `Fehlalarm: ${predicted}`,
    label: (gold, predicted) => `${gold} für ${predicted} gehalten`,
    boundary: (gold) => `${gold}: falsche Grenzen`,
    label_and_boundary: (gold, predicted) => `${gold} für ${predicted} gehalten, falsche Grenzen`,
  },
  showDocument: 'In Daten anzeigen',
  documentGone: 'Dieses Dokument ist nicht mehr im Datensatz',
  documentGoneHint: 'Sein Text wurde geändert oder weggelassen, nachdem das Modell bewertet wurde.',
};

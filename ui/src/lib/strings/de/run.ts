// A run: its progress, curves and log.

import { count, fixed, score } from '../../format';
import type { run as en } from '../en/run';
import { many } from './words';

/** A split at the beginning of a sentence. */
const titled = (split: string) => split.charAt(0).toUpperCase() + split.slice(1);

export const run: typeof en = {
  stop: 'Anhalten und behalten',
  stopping:
    'Wird nach diesem Schritt angehalten. Das bisher beste Modell wird dann auf Dev und Test bewertet, was einige Minuten dauern kann.',
  endNow: 'Sofort beenden',
  endTitle: (name) => `„${name}“ sofort beenden?`,
  endAbout:
    'Die Schritte seit dem letzten Checkpoint gehen verloren, und das Modell wird nicht bewertet. Wenn Sie warten, hält es bald von selbst an.',
  resume: 'Fortsetzen',
  duplicate: 'Duplizieren',
  copyOf: (name) => `${name} (Kopie)`,
  star: 'Mit Stern markieren',
  unstar: 'Stern entfernen',
  starred: 'mit Stern',
  note: 'Notiz',
  noteAdd: 'Notiz hinzufügen',
  noteEdit: 'Notiz bearbeiten',
  openFolder: 'Ordner des Laufs öffnen',
  order: {
    label: 'Sortieren nach',
    newest: 'Neueste zuerst',
    name: 'Name',
    test: 'Bestes Test-F1',
    dev: 'Bestes Dev-F1',
    starred: 'Mit Stern zuerst',
  },
  select: {
    begin: 'Auswählen',
    done: 'Fertig',
    of: (name) => `${name} auswählen`,
    acts: 'Ausgewählt',
    count: (number) => `${count(number)} ausgewählt`,
    compare: 'Vergleichen',
    two: 'Wählen Sie zwei Läufe aus, um sie zu vergleichen',
    remove: 'Ausgewählte löschen',
    removeTitle: (number) => `${many(number, 'Eintrag', 'Einträge')} löschen?`,
    removeAbout: (names) =>
      `${names.join(', ')}: Modelle, Werte und Checkpoints werden gelöscht. Das lässt sich nicht rückgängig machen.`,
  },
  rename: 'Umbenennen',
  renameTitle: 'Lauf umbenennen',
  save: 'Speichern',
  remove: 'Lauf löschen',
  removeTitle: (name) => `„${name}“ löschen?`,
  removeAbout: 'Sein Modell, seine Werte und Checkpoints werden gelöscht. Das lässt sich nicht rückgängig machen.',
  results: 'Ergebnisse',
  highlight: 'Markieren',
  eventsLoading: 'Verlauf des Laufs wird geladen…',
  eventsFailed: 'Die Ereignisse des Laufs konnten nicht gelesen werden',
  broke: {
    title: (step, steps) =>
      step > 0
        ? `Dieser Lauf ist bei Schritt ${count(step)} von ${count(steps)} fehlgeschlagen`
        : 'Dieser Lauf ist vor seinem ersten Schritt fehlgeschlagen',
    unknown: 'Die Engine endete ohne Fehlermeldung.',
    again: 'Erneut versuchen',
    duplicate: 'Mit seinen Einstellungen duplizieren',
    about:
      '„Erneut versuchen“ setzt mit denselben Einstellungen vom letzten Checkpoint aus fort. Um sie zu ändern, duplizieren Sie den Lauf.',
  },
  waiting: 'Modell und Daten werden geladen…',
  noScores: 'Der erste Dev-Wert erscheint nach der ersten Epoche.',
  progress: (step, steps) => `Schritt ${count(step)} von ${count(steps)}`,
  tiles: {
    epoch: 'Epoche',
    loss: 'Loss',
    best: 'Bestes Dev-F1',
    speed: 'Tokens/s',
    memory: 'Speicher',
    left: 'Restzeit',
    took: 'Dauer',
  },
  forecast: (size) => `erwartet: etwa ${size}`,
  forecastCard: (size) => `etwa ${size} auf der GPU`,
  charts: {
    more: 'Lernrate und Tempo',
    speed: 'Tokens pro Sekunde',
    loss: 'Loss',
    lossStep: 'jeder Schritt',
    lossSmooth: 'geglättet',
    f1: 'Dev-Werte',
    rate: 'Lernrate',
    overall: 'F1',
    precision: 'Precision',
    recall: 'Recall',
    aboutLoss: (first, last) => `Von ${fixed(first, 2)} auf ${fixed(last, 2)} gefallen`,
    aboutF1: (epochs, best) => `${many(epochs, 'Epoche', 'Epochen')}, bestes F1 ${score(best)}`,
    aboutNow: (now) => `Jetzt ${now}`,
    nothing: 'Noch nichts zu zeigen',
  },
  log: 'Protokoll',
  logLine: {
    started: (device, documents, windows, isRepeated) =>
      `Gestartet auf ${device}. Dokumente: ${documents}. Train hat ${many(windows, 'Fenster', 'Fenster')}${isRepeated ? '; die mit seltenen Labels werden in jeder Epoche wiederholt' : ''}.`,
    testing: (device) => `GPU wird vorbereitet (${device}), einmalig für diese Karte`,
    preparing: (total) => `GPU wird vorbereitet: ${many(total, 'Kernel', 'Kernel')} für diesen Lauf`,
    evaluated: (split, f1, loss, best) =>
      `${titled(split)} bewertet: F1 ${score(f1)}, Loss ${fixed(loss, 3)}${best ? ' – bisher bestes' : ''}`,
    checkpoint: (step) => `Checkpoint bei Schritt ${count(step)} geschrieben`,
    finished: (f1, step) => `Fertig. Bestes Dev-F1 ${score(f1)} bei Schritt ${count(step)}`,
    stopped: (step) => `Nach Schritt ${count(step)} angehalten; das beste Modell bleibt`,
    stoppedBefore: 'Vor dem ersten Schritt angehalten',
    failed: (message) => `Fehlgeschlagen: ${message}`,
  },
  settings: 'Einstellungen dieses Laufs',
  compareWith: 'Vergleichen mit',
  compareNone: 'Vergleichen mit…',
  comparedWith: (name) => `Verglichen mit ${name}`,
  compareEnd: 'Vergleich beenden',
};

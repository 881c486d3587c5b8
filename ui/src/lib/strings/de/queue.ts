// The queue of runs.

import { count } from '../../format';
import type { queue as en } from '../en/queue';

export const queue: typeof en = {
  title: 'Warteschlange',
  entry: 'Warteschlange',
  standing: (waiting, paused, failed) =>
    waiting
      ? `${count(waiting)} wartend`
      : paused
        ? `${count(paused)} pausiert`
        : failed
          ? `${count(failed)} fehlgeschlagen`
          : 'läuft',
  about: 'Beginnt in dieser Reihenfolge, eins nach dem anderen.',
  empty: 'Nichts wartet. Was Sie starten, während ein Training läuft, kommt hierher.',
  loading: 'Warteschlange wird gelesen…',
  failed: 'Die Warteschlange konnte nicht gelesen werden',
  stuck: 'Die Warteschlange geht nicht weiter',
  goOn: 'Erneut versuchen',
  kinds: { run: 'Lauf', seeds: 'Mehrere Seeds', search: 'Suche', pretraining: 'Vortraining', command: 'Befehlszeile' },
  status: {
    waiting: 'Wartet',
    running: 'Läuft',
    pausing: 'Pausiert nach diesem Schritt',
    paused: 'Pausiert',
    stopped: 'Wartet',
    failed: 'Fehlgeschlagen',
    done: 'Fertig',
  },
  begun: 'geht weiter, wo es angehalten wurde',
  inQueue: 'In der Warteschlange: geht weiter, wenn es an der Reihe ist.',
  defaults: 'Voreinstellungen',
  moreSettings: (number) => `${count(number)} weitere`,
  up: (name) => `${name} nach oben`,
  down: (name) => `${name} nach unten`,
  pause: (name) => `${name} pausieren`,
  resume: (name) => `${name} fortsetzen`,
  remove: (name) => `${name} aus der Warteschlange entfernen`,
  show: (name) => `${name} anzeigen`,
  pauseAll: 'Alle pausieren',
  resumeAll: 'Alle fortsetzen',
  pausedNow: (name) => `„${name}“ ist pausiert und geht dort weiter, wo angehalten wurde.`,
  removed: (name) => `„${name}“ wurde aus der Warteschlange entfernt.`,
  added: (name) => `„${name}“ wurde in die Warteschlange gestellt.`,
  open: 'Warteschlange anzeigen',
  moved: (name, place, of) => `${name} ist jetzt Nummer ${count(place)} von ${count(of)}.`,
  keys: 'Alt+↑ und Alt+↓ verschieben einen Eintrag, Alt+Pos1 und Alt+Ende an den ersten oder letzten Platz.',
  ask: {
    title: 'Mit der Warteschlange weitermachen?',
    about: 'Das wartete, als Sie Tagsmith geschlossen haben:',
    later: 'Jetzt nicht',
    go: 'Weitermachen',
    laterAbout: '„Jetzt nicht“ pausiert sie. Fortsetzen können Sie jederzeit, unter dem Formular in Training.',
  },
};

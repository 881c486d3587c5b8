// Devices and their tests.

import { count, fixed } from '../../format';
import type { devices as en } from '../en/devices';
import { many } from './words';

const newerDriver = 'Ein neuerer Treiber kann helfen: Aktualisieren Sie ihn, und testen Sie dann erneut.';

export const devices: typeof en = {
  kinds: {
    cpu: 'Prozessor',
    discrete: 'Grafikkarte',
    integrated: 'integrierte Grafik',
    virtual: 'virtuelle Grafikkarte',
    software: 'Software-Renderer, für Tests',
    other: 'Grafik',
  },
  automatic: 'Automatisch: das schnellste',
  threads: (threads) => many(threads, 'Thread', 'Threads'),
  memoryUnknown: 'Speicher unbekannt',
  speed: (times) => `${fixed(times, 1)}-mal so schnell wie der Prozessor`,
  passed: 'Test bestanden',
  refused: 'Test nicht bestanden',
  unusable: 'nicht verwendet',
  untested: 'Noch nicht getestet',
  notUsed: (reason) => `Nicht verwendet: ${reason}`,
  advice: newerDriver,
  refusals: {
    'wrong-numbers': ['Es berechnet andere Zahlen als der Prozessor', newerDriver],
    'driver-failed': ['Sein Treiber hat beim Test versagt', newerDriver],
    crashed: ['Sein Test ist abgestürzt', newerDriver],
    'too-slow': [
      'Sein Test hat zu lange gedauert',
      'Schließen Sie andere Programme, und testen Sie erneut. Auch ein neuerer Treiber kann helfen.',
    ],
    interrupted: ['Sein Test wurde von außen beendet', 'Testen Sie erneut.'],
    'not-started': [
      'Sein Test konnte nicht gestartet werden',
      'Testen Sie erneut. Geschieht es wieder, installieren Sie Tagsmith neu.',
    ],
    busy: ['Ein anderes Programm hat Geräte getestet', 'Warten Sie, bis das fertig ist, und testen Sie dann erneut.'],
    'missing-library': [
      'Etwas, das es braucht, ist nicht installiert',
      'Installieren Sie es, und testen Sie dann erneut.',
    ],
  },
  test: 'Testen',
  testAgain: 'Erneut testen',
  preparingLabel: 'GPU wird vorbereitet',
  preparing: (kernel, total, left) =>
    `GPU wird vorbereitet: Kernel ${count(kernel)}${total === null ? '' : ` von ${count(total)}`}${left === null ? '' : `, noch etwa ${left}`} (einmalig für diese Karte)`,
  warmingUp: (done, total, left) =>
    `GPU wird für diesen Lauf vorbereitet: ${count(done)} von ${many(total, 'Kernel', 'Kernels')}${left === null ? '' : `, noch etwa ${left}`}`,
  testAbout:
    'Vor seinem ersten Lauf muss jedes Gerät dieselben Zahlen berechnen wie der Prozessor; sonst wird es nicht verwendet.',
  testing: 'Geräte werden gesucht…',
};

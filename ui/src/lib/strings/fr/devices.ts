// Devices and their tests.

import { count, fixed } from '../../format';
import type { devices as en } from '../en/devices';
import { many } from './words';

const newerDriver = 'Un pilote plus récent peut aider : mettez-le à jour, puis testez de nouveau.';

export const devices: typeof en = {
  kinds: {
    cpu: 'processeur',
    discrete: 'carte graphique',
    integrated: 'puce graphique intégrée',
    virtual: 'carte graphique virtuelle',
    software: 'rendu logiciel, pour les tests',
    other: 'graphique',
  },
  automatic: 'Automatique : le plus rapide',
  threads: (threads) => many(threads, 'thread', 'threads'),
  memoryUnknown: 'mémoire inconnue',
  speed: (times) => `${fixed(times, 1)} fois aussi rapide que le processeur`,
  passed: 'Test réussi',
  refused: 'Test échoué',
  unusable: 'non utilisé',
  untested: 'Pas encore testé',
  notUsed: (reason) => `Non utilisé : ${reason}`,
  advice: newerDriver,
  refusals: {
    'wrong-numbers': ['il calcule d’autres nombres que le processeur', newerDriver],
    'driver-failed': ['son pilote a échoué pendant le test', newerDriver],
    crashed: ['son test a planté', newerDriver],
    'too-slow': [
      'son test a duré trop longtemps',
      'Fermez d’autres programmes, puis testez de nouveau. Un pilote plus récent peut aider aussi.',
    ],
    interrupted: ['son test a été interrompu de l’extérieur', 'Testez de nouveau.'],
    'not-started': ['son test n’a pas pu démarrer', 'Testez de nouveau. Si cela se répète, réinstallez Tagsmith.'],
    busy: ['un autre programme testait des appareils', 'Attendez qu’il ait terminé, puis testez de nouveau.'],
    'missing-library': ['il lui manque quelque chose à installer', 'Installez-le, puis testez de nouveau.'],
  },
  test: 'Tester',
  testAgain: 'Tester de nouveau',
  preparingLabel: 'Préparation du GPU',
  preparing: (kernel, total, left) =>
    `Préparation du GPU : noyau ${count(kernel)}${total === null ? '' : ` sur ${count(total)}`}${left === null ? '' : `, encore ${left} environ`} (une fois pour cette carte)`,
  warmingUp: (done, total, left) =>
    `Préparation du GPU pour cet entraînement : ${count(done)} sur ${many(total, 'noyau', 'noyaux')}${left === null ? '' : `, encore ${left} environ`}`,
  testAbout:
    'Avant son premier entraînement, chaque appareil doit calculer les mêmes nombres que le processeur ; sinon, il n’est pas utilisé.',
  testing: 'Recherche d’appareils…',
};

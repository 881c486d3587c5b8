// Devices and their tests.

import { count, fixed } from '../../format';
import type { devices as en } from '../en/devices';
import { many } from './words';

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
  advice: 'Un pilote plus récent peut aider : mettez-le à jour, puis testez de nouveau.',
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

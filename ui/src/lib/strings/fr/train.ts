// The screen Train: the list of runs.

import { score } from '../../format';
import type { train as en } from '../en/train';

export const train: typeof en = {
  title: 'Entraînement',
  about: 'Apprenez vos étiquettes à un modèle. Les réglages par défaut conviennent à la plupart des données.',
  ended: {
    finished: (name) => `L’entraînement « ${name} » est terminé.`,
    stopped: (name) => `L’entraînement « ${name} » a été arrêté. Son meilleur modèle est gardé.`,
    stoppedBefore: (name) => `L’entraînement « ${name} » a été arrêté avant sa première étape.`,
    failed: (name) => `L’entraînement « ${name} » a échoué.`,
    failedHint: 'La raison figure à l’écran Entraînement.',
    nothing: (name) => `L’entraînement « ${name} » est terminé, mais n’a encore rien appris.`,
    nothingHint: 'L’écran Résultats indique quoi essayer.',
  },
  learnedNothing: 'Rien appris',
  loading: 'Lecture des entraînements…',
  failed: 'Les entraînements n’ont pas pu être lus',
  runs: 'Entraînements',
  none: 'Pas encore d’entraînement. Le premier apparaîtra ici.',
  find: 'Chercher un nom',
  noneFound: 'Aucun entraînement ne correspond.',
  new: 'Nouveau',
  status: { running: 'En cours', finished: 'Terminé', stopped: 'Arrêté', failed: 'Échoué' },
  testF1: (value) => `F1 test ${score(value)}`,
  devF1: (value) => `F1 dev ${score(value)}`,
  needData: 'Aller à Données',
  startTitle: 'Nouvel entraînement',
  start: 'Démarrer l’entraînement',
  busy: 'Un autre entraînement est en cours. Il doit être terminé ou arrêté avant que celui-ci continue.',
  enqueue: 'Mettre en file d’attente',
  enqueueAbout: 'Un entraînement est en cours. Celui-ci commencera à son tour.',
};

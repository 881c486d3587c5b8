// Scoring a model on another data set.

import { count, score } from '../../format';
import type { evaluation as en } from '../en/evaluation';
import { many } from './words';

export const evaluation: typeof en = {
  new: 'Évaluer un modèle sur d’autres données…',
  title: 'Évaluer un modèle',
  about: 'Compare les entités qu’un modèle trouve à celles annotées dans un jeu de données.',
  model: 'Modèle',
  data: 'Jeu de données',
  split: 'Sous-ensemble à évaluer',
  go: 'Évaluer',
  documents: (number) => many(number, 'document', 'documents'),
  splitOption: (name, documents) => `${name} (${count(documents)})`,
  each: 'Chaque sous-ensemble est évalué séparément ; il n’y a pas de score pour l’ensemble.',
  learned: 'Le modèle a été entraîné sur ces textes, il paraîtra donc meilleur qu’il n’est.',
  unknown: (labels) => `Le modèle ne connaît pas ${labels.join(', ')}. Ces entités compteront comme manquées.`,
  needModel: 'Il n’y a pas encore de modèle avec des étiquettes. Entraînez-en un, ou ajoutez-en un dans Modèles.',
  needData: 'Il n’y a pas encore de jeu de données. Importez-en un dans Données.',
  of: (data, part) => `${data} · ${part}`,
  status: { running: 'Évaluation', finished: 'Terminée', cancelled: 'Annulée', failed: 'Échouée' },
  preparing: 'Lecture du modèle…',
  progress: (done, total) => `${count(done)} sur ${many(total, 'document', 'documents')}`,
  cancel: 'Annuler',
  again: 'Évaluer de nouveau',
  cancelled: 'Annulée',
  cancelledAbout: 'Elle a été arrêtée avant que tous les documents soient évalués, il n’y a donc pas de scores.',
  failed: 'L’évaluation a échoué',
  remove: 'Supprimer ces scores',
  removeTitle: 'Supprimer ces scores ?',
  removeAbout: 'Le modèle et les données restent.',
  listLoading: 'Lecture…',
  listFailed: 'Ces scores n’ont pas pu être lus',
  done: (model, data, f1) => `${model} sur ${data} : F1 ${score(f1)}.`,
  doneAll: (model, data) => `${model} est évalué sur chaque sous-ensemble de ${data}.`,
  broke: (model, data) => `L’évaluation de ${model} sur ${data} a échoué.`,
};

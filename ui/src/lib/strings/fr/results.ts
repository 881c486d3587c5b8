// The screen Results.

import { count, score } from '../../format';
import type { results as en } from '../en/results';
import { form, many } from './words';

export const results: typeof en = {
  title: 'Résultats',
  about: 'La qualité d’un modèle, et où il se trompe.',
  loading: 'Lecture des scores…',
  failed: 'Les scores n’ont pas pu être lus',
  empty: 'Pas encore de scores',
  emptyAbout:
    'Chaque entraînement est évalué à la fin. Entraînez un modèle pour voir ici ses résultats, ou évaluez un modèle existant sur vos données.',
  goTrain: 'Aller à Entraînement',
  runsLoading: 'Lecture des entraînements…',
  runsFailed: 'Les entraînements n’ont pas pu être lus',
  list: 'Évaluations',
  runs: 'Sur leurs propres données',
  others: 'Sur d’autres données',
  noRuns: 'Encore aucune.',
  split: 'Sous-ensemble',
  f1: (f1) => `F1 ${score(f1)}`,
  tabs: { scores: 'Scores', confusion: 'Confusion', errors: 'Prédictions erronées' },
  conventions: {
    conlleval:
      'Évalué comme par conlleval : une entité compte si son étiquette et ses limites sont correctes toutes les deux.',
    strict: 'Évalué comme en mode strict de seqeval : des tags contraires au schéma ne forment pas d’entité.',
  },
  decodings: { viterbi: 'Décodé avec Viterbi.', argmax: 'Décodé avec argmax.' },
  of: (documents, words) => `${many(documents, 'document', 'documents')}, ${many(words, 'mot', 'mots')}, tous évalués.`,
  moved: (entities) => `${many(entities, 'entité a été étendue', 'entités ont été étendues')} aux mots entiers.`,
  lost: (entities) =>
    `${many(entities, 'entité partage', 'entités partagent')} un mot avec une autre et ${form(entities, 'n’a pas pu être évaluée', 'n’ont pas pu être évaluées')}.`,
  columns: { label: 'Étiquette', precision: 'Précision', recall: 'Rappel', f1: 'F1', support: 'Entités' },
  overall: 'Global',
  macro: 'Moyenne macro',
  accuracy: 'Exactitude par token',
  precisionHelp: 'Le pourcentage des entités prédites qui sont correctes.',
  recallHelp: 'Le pourcentage des entités annotées qui ont été trouvées.',
  gold: 'Annoté',
  predicted: 'Prédit',
  missed: 'Manquée',
  spurious: 'Fausse alerte',
  confusionAbout:
    'Lignes : annoté. Colonnes : prédit. En vert, uniquement ce qui est correct. Cliquez sur un nombre pour voir ses phrases.',
  cell: (gold, predicted, number) => `${gold} prédit comme ${predicted} : ${count(number)}`,
  boundaryCell: (label, number) => `${label} aux limites erronées : ${count(number)}`,
  correct: (label, number) => `${label} correct : ${count(number)}`,
  kind: 'Type d’erreur',
  label: 'Étiquette',
  anyKind: 'Toutes les erreurs',
  anyLabel: 'Toutes les étiquettes',
  kinds: {
    missed: 'Manquée',
    spurious: 'Fausse alerte',
    label: 'Mauvaise étiquette',
    boundary: 'Mauvaises limites',
    label_and_boundary: 'Mauvaise étiquette et mauvaises limites',
  },
  found: (documents, mistakes) =>
    `${many(mistakes, 'erreur', 'erreurs')} dans ${many(documents, 'document', 'documents')}`,
  noErrors: 'Aucune prédiction erronée',
  noErrorsAbout: 'Chaque prédiction pour ce sous-ensemble est correcte.',
  noneFit: 'Aucune erreur ne correspond à ces filtres',
  removeFilters: 'Retirer les filtres',
  mistakes: 'Prédictions erronées',
  none: 'aucune',
  mistake: {
    missed: (gold) => `${gold} manquée`,
    spurious: (_gold, predicted) => `Fausse alerte : ${predicted}`,
    label: (gold, predicted) => `${gold} prise pour ${predicted}`,
    boundary: (gold) => `${gold} : mauvaises limites`,
    label_and_boundary: (gold, predicted) => `${gold} prise pour ${predicted}, mauvaises limites`,
  },
  showDocument: 'Afficher dans Données',
  documentGone: 'Ce document n’est plus dans le jeu de données',
  documentGoneHint: 'Son texte a été changé ou retiré après l’évaluation du modèle.',
};

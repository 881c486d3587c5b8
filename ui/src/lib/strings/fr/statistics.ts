// The overview of a data set: its counts, and whether its annotators agree.

import { count } from '../../format';
import type { agreement as enAgreement, statistics as enStatistics } from '../en/statistics';
import { many } from './words';

export const statistics: typeof enStatistics = {
  loading: 'Comptage…',
  failed: 'Les statistiques n’ont pas pu être lues',
  perDocument: 'Entités par document',
  perDocumentAbout: (documents) =>
    documents
      ? `${many(documents, 'document n’en a', 'documents n’en ont')} aucune.`
      : 'Chaque document en a au moins une.',
  perDocumentBin: (from, to, documents) =>
    `${to - from > 1 ? `${from} à ${to - 1} entités` : many(from, 'entité', 'entités')} : ${many(documents, 'document', 'documents')}`,
  density: 'Mots dans les entités',
  densityHelp:
    'La part des mots qui appartiennent à une entité. Sous 1 %, un modèle apprend lentement, car presque aucun des mots qu’il voit n’a d’étiquette.',
  shares: 'Répartition des étiquettes par sous-ensemble',
  share: (split, share, number) => `${split} : ${share}, ${count(number)}`,
  overlap: 'Recouvrement des sous-ensembles',
  overlapAbout:
    'Un modèle mémorise les documents de train. S’ils sont aussi dans dev ou test, les scores sont trop bons.',
  overlapNone: 'Aucun texte n’est dans deux sous-ensembles.',
  overlapOf: (second, first) => `${second} dans ${first}`,
  same: (documents) => many(documents, 'doublon', 'doublons'),
  near: (documents) => many(documents, 'quasi-doublon', 'quasi-doublons'),
  oneSplit: 'Il n’y a qu’un sous-ensemble.',
};

export const agreement: typeof enAgreement = {
  title: 'Accord entre annotateurs',
  about: (people, texts) =>
    `${many(people, 'personne a annoté', 'personnes ont annoté')} ${many(texts, 'texte', 'textes')} : ${people === 2 ? 'kappa de Cohen' : 'alpha de Krippendorff'}, par mots. 1 est un accord complet, 0 ce que donnerait le seul hasard.`,
  people: (names, more) => (more ? `${names.join(', ')} et ${many(more, 'autre', 'autres')}` : names.join(', ')),
  label: 'Étiquette',
  value: (people) => (people === 2 ? 'Kappa' : 'Alpha'),
  votes: 'Mots marqués',
  all: 'Toutes les étiquettes',
  undefined: 'non défini',
};

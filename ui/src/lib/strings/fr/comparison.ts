// Two runs beside each other.

import { count } from '../../format';
import type { comparison as en } from '../en/comparison';
import { many } from './words';

export const comparison: typeof en = {
  title: 'Comparaison',
  loading: 'Comparaison en cours…',
  failed: 'Les entraînements n’ont pas pu être comparés',
  curve: 'F1 dev',
  same: 'Tous les réglages sont identiques.',
  differ: 'Réglages différents',
  difference: 'Différence',
  notScored: 'Aucun des deux entraînements n’a encore de scores.',
  scoresOn: (split) => `F1 sur ${split.toLowerCase()}`,
  interval: (low, high) => `${Math.round(low * 100)}–${Math.round(high * 100)}`,
  better: (split, name, fewer, more) =>
    `Sur ${split.toLowerCase()}, « ${name} » est meilleur : il fait moins d’erreurs sur ${many(fewer, 'document', 'documents')}, et plus sur ${count(more)}.`,
  noClear: (split, first, second) =>
    first + second === 0
      ? `Sur ${split.toLowerCase()}, les deux font autant d’erreurs sur chaque document.`
      : `Sur ${split.toLowerCase()}, la différence peut tenir au hasard : l’un fait moins d’erreurs sur ${many(first, 'document', 'documents')}, l’autre sur ${count(second)}.`,
  differentData: (split) =>
    `Les scores sur ${split.toLowerCase()} ne sont pas comparables : ils portent sur d’autres documents ou étiquettes.`,
  differentLabels: (split) =>
    `Les scores sur ${split.toLowerCase()} ne sont pas comparables : des modèles différents ont ajouté des entités avant l’évaluation.`,
  oneScored: (split) => `Un seul des entraînements a été évalué sur ${split.toLowerCase()}.`,
  data: 'Ce dont ils ont appris',
  sameData: 'Les deux ont appris des mêmes documents et étiquettes.',
  version: (name, version) => (version === null ? name : `${name}, version ${count(version)}`),
  onlyLabels: 'Étiquettes d’un seul',
  showDocuments: 'Documents différents',
  documents: {
    same: 'les mêmes documents',
    unknown: 'd’autres documents ; les fichiers d’un entraînement ont disparu',
    order: 'les mêmes documents dans un autre ordre',
    only: (name, documents) => `${many(documents, 'document', 'documents')} seulement dans « ${name} »`,
    relabelled: (documents) => `${many(documents, 'document', 'documents')} avec d’autres entités`,
    changed: 'autres entités',
    onlyIn: (name) => `seulement dans « ${name} »`,
  },
  rows: { time: 'Durée', steps: 'Étapes', model: 'Modèle', data: 'Données' },
};

// Changes to a data set: labels, repairs, splits, samples.

import { count } from '../../format';
import type {
  labelEditor as enLabelEditor,
  recipe as enRecipe,
  repair as enRepair,
  sampling as enSampling,
  split as enSplit,
} from '../en/repairs';
import { many } from './words';

export const labelEditor: typeof enLabelEditor = {
  about: 'Renommer, fusionner ou retirer des étiquettes. Rien ne change avant que vous ayez vu un aperçu.',
  name: 'Nom',
  nameOf: (label) => `Nouveau nom de ${label}`,
  choose: (label) => `Choisir ${label}`,
  chooseAll: 'Choisir toutes les étiquettes',
  examples: 'Exemples',
  drop: 'Retirer',
  dropOf: (label) => `Retirer ${label}`,
  keep: 'Garder',
  keepOf: (label) => `Garder ${label}`,
  dropped: 'sera retirée',
  merge: 'Fusionner',
  mergeHint: 'Choisissez deux étiquettes ou plus pour les fusionner.',
  mergeInto: (labels) => `Fusionner les ${count(labels)} étiquettes choisies`,
  into: (label) => `fusionnée dans ${label}`,
  empty: 'Une étiquette a besoin d’un nom. Pour l’enlever, retirez-la.',
  changes: (labels) => many(labels, 'étiquette change', 'étiquettes changent'),
  discard: 'Abandonner',
  preview: 'Aperçu…',
  none: 'Aucune étiquette',
  noneAbout: 'Ce jeu de données n’a pas d’entités annotées.',
};

export const repair: typeof enRepair = {
  title: 'Correction',
  loading: 'Préparation d’un aperçu',
  failed: 'L’aperçu n’a pas pu être préparé',
  names: {
    'convert-offsets': ['Convertir les positions', 'Positions converties'],
    'shift-offsets': ['Décaler les positions', 'Positions décalées'],
    'inclusive-ends': ['Inclure le dernier caractère', 'Derniers caractères inclus'],
    'count-line-ends': ['Compter autrement les fins de ligne', 'Fins de ligne comptées autrement'],
    'drop-invalid': ['Écarter l’inutilisable', 'Inutilisable écarté'],
    'mask-unknown': ['Ne rien apprendre des mots inconnus', 'Mots inconnus exclus de l’entraînement'],
    'trim-spans': ['Rogner les entités', 'Entités rognées'],
    'snap-to-words': ['Étendre aux mots entiers', 'Entités étendues aux mots entiers'],
    'repair-tags': ['Corriger les tags', 'Tags corrigés'],
    'map-labels': ['Changer les étiquettes', 'Étiquettes changées'],
    'join-tagged': ['Joindre les mots étiquetés', 'Mots étiquetés joints'],
    'drop-duplicates': ['Retirer les doublons', 'Documents en double retirés'],
    'move-leaking': ['Déplacer vers train', 'Documents communs déplacés vers train'],
    'hold-out': ['Mettre de côté dev et test', 'Dev et test mis de côté'],
    split: ['Répartir de nouveau', 'Réparti de nouveau'],
    sample: ['Prélever un échantillon', 'Échantillon prélevé'],
  },
  about: {
    'inclusive-ends': 'La fin de chaque entité est son dernier caractère, qui lui est donc ajouté.',
    'count-line-ends': 'Les positions comptent la fin d’une ligne autrement que le texte.',
    'drop-invalid':
      'Ce qui est inutilisable est écarté et compté : les entités hors de leur texte, sans texte ou sans étiquette, et les lignes et enregistrements illisibles. Les entités qui se chevauchent restent.',
    'mask-unknown':
      'Les mots dont un fichier partiellement annoté ne dit rien sont exclus de la perte et des scores, au lieu de compter comme hors de toute entité.',
    'join-tagged': 'Les mots étiquetés B-… et I-… deviennent une entité avec l’étiquette qui suit la lettre.',
    'trim-spans': 'Les espaces au bord des entités sont retirés.',
    'snap-to-words': 'Les entités qui commencent ou finissent à l’intérieur d’un mot sont étendues à ses bords.',
    'repair-tags':
      'Les tags contraires à leur schéma sont lus comme le fait conlleval, et écrits comme des tags valides.',
  },
  units: { characters: 'caractères', bytes: 'octets', utf16: 'unités UTF-16' },
  moveBy: (by) => `Décaler de ${by < 0 ? '−' : '+'}${count(Math.abs(by))}`,
  convert: (unit) => `Les positions sont lues comme comptant des ${unit}.`,
  shift: (by) =>
    by > 0 ? `${count(by)} est ajouté à chaque position.` : `${count(-by)} est soustrait de chaque position.`,
  renamed: (from, to) => `${from} devient ${to}`,
  droppedLabel: (label) => `${label} est retirée`,
  duplicates: (near) =>
    `Parmi les documents ${near ? 'identiques ou presque' : 'identiques'} d’un même sous-ensemble, le premier est gardé.`,
  leaking: (near) =>
    `Les documents de dev et de test dont le texte${near ? ', ou presque le même,' : ''} est aussi dans train sont déplacés vers train.`,
  heldOut: (shares, seed) => `Les sous-ensembles sans fichier sont prélevés sur train : ${shares} ; graine ${seed}.`,
  shares: (shares, seed) => `${shares} ; graine ${seed}.`,
  sampled: (split, documents, seed) => `${split} garde ${many(documents, 'document', 'documents')} ; graine ${seed}.`,
  counts: {
    spans: (number) => many(number, 'entité change', 'entités changent'),
    documents: (number) => `dans ${many(number, 'document', 'documents')}`,
    removed: (number) => many(number, 'document est retiré', 'documents sont retirés'),
    moved: (number) => many(number, 'document change de sous-ensemble', 'documents changent de sous-ensemble'),
    nothing: 'Cela ne change rien ici.',
  },
  examples: 'Exemples',
  before: 'Avant',
  after: 'Après',
  gone: 'retiré',
  movedTo: (split) => `passe dans ${split}`,
  more: (number) => `et ${many(number, 'autre document', 'autres documents')}`,
  apply: 'Corriger',
  safe: 'Le fichier importé reste tel quel, et ceci peut être annulé.',
  working: 'Correction',
  done: (what) => `${what}.`,
  redo: 'Rétablir',
  undone: (what) => `Annulé : ${what}.`,
  near: 'Inclure les quasi-doublons',
};

export const recipe: typeof enRecipe = {
  about: 'Les changements appliqués, dans l’ordre. Une nouvelle version des fichiers reçoit les mêmes corrections.',
  none: 'Aucune correction',
  noneAbout:
    'Les données sont telles qu’importées. Ce que vous corrigez sous Constats et Étiquettes figure ensuite ici.',
  list: 'Corrections, dans l’ordre',
  atReading: 'à la lecture',
  undo: 'Annuler la dernière',
  redo: (what) => `Rétablir : ${what}`,
  undoing: 'Annulation',
  update: 'Utiliser une nouvelle version des fichiers…',
};

export const split: typeof enSplit = {
  title: 'Répartir de nouveau',
  about:
    'Réunit tous les documents et les répartit de nouveau, stratifiés par étiquette. Les documents de même texte restent dans un même sous-ensemble.',
  shares: 'Proportions',
  percent: (split) => `${split}, %`,
  sum: (sum) => `La somme est de ${sum} % ; elle doit être de 100 %.`,
  range: 'Chaque proportion doit être comprise entre 0 et 100 %, et train ne doit pas être vide.',
  seed: 'Graine',
  seedHelp:
    'Fixe la place de chaque document. La même graine et les mêmes proportions donnent toujours les mêmes sous-ensembles.',
  expected: 'Entités attendues de chaque étiquette',
  few: 'Un sous-ensemble avec moins de 10 entités d’une étiquette en dit peu sur elle.',
  go: 'Répartir de nouveau',
  done: 'Les données ont été réparties de nouveau.',
  button: 'Répartir de nouveau…',
};

export const sampling: typeof enSampling = {
  title: 'Prélever un échantillon',
  about:
    'Garde un échantillon aléatoire d’un sous-ensemble, dans son ordre d’origine, pour un essai rapide avant d’entraîner sur tout.',
  keep: 'Documents à garder',
  range: (all) => (all > 1 ? `De 1 à ${count(all - 1)}` : 'Ce sous-ensemble a un seul document.'),
  go: 'Prélever un échantillon',
  button: 'Prélever un échantillon…',
};

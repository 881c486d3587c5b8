// The import dialog.

import { count, hundredths } from '../../format';
import { importer as english, type importer as en } from '../en/importer';
import { inWords, many } from './words';

export const importer: typeof en = {
  title: 'Importer des données',
  about: 'Vos fichiers restent où ils sont ; la bibliothèque en garde une copie.',
  updateTitle: (name) => `Une nouvelle version de « ${name} »`,
  updateAbout: (repairs) =>
    repairs
      ? repairs === 1
        ? 'La même correction lui sera appliquée.'
        : `Les mêmes ${count(repairs)} corrections lui seront appliquées.`
      : 'Elle remplace la version actuelle.',
  dropTitle: 'Déposez ici des fichiers ou un dossier',
  dropAbout:
    'CoNLL, JSON et JSONL de toutes sortes, CSV, Parquet, Arrow, brat, texte brut, aussi compressés en .gz ou .zip. Le format est reconnu automatiquement.',
  pickFiles: 'Choisir des fichiers…',
  example: 'À quoi ressemblent ces fichiers',
  pickFolder: 'Choisir un dossier…',
  addFiles: 'Ajouter des fichiers…',
  addFolder: 'Ajouter un dossier…',
  readAgain: 'Relire',
  files: 'Fichiers',
  remove: (file) => `Retirer ${file} de la liste`,
  splitOf: (file) => `Sous-ensemble de ${file}`,
  splitAuto: (split) => `${split} (reconnu)`,
  splitUnknown: 'Reconnu',
  whole: 'Plusieurs, reconnus',
  change: 'Changer la façon de lire',
  asFound: 'Reconnaître',
  fields: {
    format: 'Format',
    encoding: 'Encodage',
    scheme: 'Schéma de tags',
    offsets: 'Les positions comptent',
    shift: 'Décaler les positions de',
    lineEnds: 'Une fin de ligne compte',
    annotator: 'Annotations de',
    labels: 'Noms des tags numériques',
  },
  labelsPlaceholder: 'O, B-PER, I-PER, …',
  labelsHelp:
    'Pour les fichiers dont les tags sont des nombres : les noms des tags dans l’ordre des nombres, séparés par des virgules.',
  offsetsHelp:
    'Ce que comptent le début et la fin d’une entité. Python, doccano et spaCy comptent des caractères ; Java et JavaScript, des unités UTF-16 ; certains programmes, des octets.',
  asText: { table: 'L’importer comme textes sans étiquettes', text: 'L’importer comme texte, un document par ligne' },
  asTextAbout: 'On n’en peut rien apprendre, mais un modèle peut l’étiqueter.',
  lineEnds: {
    'as-written': 'comme écrit',
    joined: 'pour un, CR LF aussi',
    doubled: 'pour deux, LF aussi',
  },
  lineEndsHelp:
    'Certains programmes changent les fins de ligne d’un texte avant ou après son annotation. Les entités plus bas sont alors décalées d’une position par ligne.',
  inclusiveEnds: 'La fin d’une entité est son dernier caractère',
  inclusiveHelp:
    'La plupart des programmes écrivent la position qui suit le dernier caractère. Certains écrivent la sienne.',
  annotators: {
    'ground-truth': 'la vérité de terrain, sinon la première',
    majority: 'la majorité',
  },
  annotatorHelp:
    'Plusieurs personnes ont annoté les mêmes textes. Ce qui est marqué comme vérité de terrain passe d’abord ; à défaut, vous décidez qui est lu. Leurs désaccords figurent sous Constats.',
  maskUnknown: 'Ne rien apprendre des mots inconnus',
  maskHelp:
    'Ce fichier est partiellement annoté : de certains mots, il ne dit pas s’ils appartiennent à une entité. Avec cette option, ils sont exclus de la perte et des scores ; sinon, ils comptent comme hors entité.',
  dropInvalid: 'Ne garder qu’une des entités qui se chevauchent et écarter l’inutilisable',
  dropHelp:
    'Ce qui est inutilisable empêche un import : les entités hors de leur texte, sans texte ou sans étiquette, et les lignes et enregistrements illisibles. Avec cette option, tout cela est écarté, compté et listé ; dans un tableau de mots, la phrase entière. Les entités qui se chevauchent n’empêchent pas un import et restent sans elle. Avec elle, il reste celle qui commence la première et, de deux qui commencent ensemble, la plus longue.',
  kinds: {
    conll: 'CoNLL, mots en colonnes',
    json: 'JSON ou JSONL',
    table: 'Tableau (CSV, TSV)',
    text: 'Texte brut',
    brat: 'brat',
    parquet: 'Parquet',
    arrow: 'Arrow',
    'doc-bin': 'DocBin de spaCy',
    ontonotes: 'OntoNotes, CoNLL-2012',
    webanno: 'TSV 3 de WebAnno',
    'uima-cas': 'UIMA CAS (XMI, JSON)',
    bioc: 'BioC (XML, JSON)',
    pubtator: 'PubTator',
  },
  encodings: english.encodings,
  columnsTitle: 'Colonnes',
  columnsAbout: 'Choisissez ce que contient chaque colonne.',
  columnRoles: { token: 'mot', tag: 'tag', sentence: 'phrase', none: 'ignorée' },
  textRoles: { token: 'texte', tag: 'entités', sentence: 'groupe', none: 'ignorée' },
  columnIs: (name, role) => `Colonne ${name} : ${role}`,
  preview: 'Aperçu',
  findings: 'Constats',
  repairs: 'Corrections',
  previewNone: 'Aucun document à afficher',
  previewAbout: (shown, all) =>
    shown < all ? `Les ${count(shown)} premiers sur ${count(all)}` : many(all, 'document', 'documents'),
  repairsNone: 'Aucune correction choisie',
  repairsNoneAbout: 'Les corrections que vous choisissez sous Constats figurent ici et sont appliquées avec l’import.',
  removeRepair: (what) => `Retirer de la liste : ${what}`,
  looking: 'Lecture des fichiers',
  lookFailed: 'Les fichiers n’ont pas pu être lus',
  cancelled: 'Arrêté',
  cancelledAbout: 'Les fichiers n’ont pas été lus entièrement.',
  name: 'Nom',
  shares: (learn, choose, test) =>
    [
      `${hundredths(learn)} pour apprendre`,
      choose === null ? '' : `${hundredths(choose)} pour choisir le meilleur modèle`,
      test === null ? '' : `${hundredths(test)} pour tester`,
    ]
      .filter(Boolean)
      .join(' · '),
  noTrain: 'Aucun des fichiers n’est train : ils ne permettent pas d’entraîner un modèle, mais d’en évaluer un.',
  sharesUnknown: 'Ce qui est réservé à dev et à test dépend des fichiers qui ne peuvent pas encore être lus.',
  sharesChange: 'Modifier',
  sharesDone: 'Masquer',
  devShare: 'Part de dev, %',
  testShare: 'Part de test, %',
  shareHelp:
    'Les documents sont tirés au hasard avec la graine, donc les mêmes nombres donnent toujours les mêmes sous-ensembles. Dev décide quel modèle est gardé ; test est évalué une fois, à la fin.',
  seed: 'Graine',
  summary: (documents, entities, labels) =>
    `${many(documents, 'document', 'documents')}, ${many(entities, 'entité', 'entités')}, ${many(labels, 'étiquette', 'étiquettes')}`,
  blocked:
    'Ces fichiers ne peuvent pas encore être importés. Changez la façon de les lire, ou corrigez les lignes en erreur.',
  blockedMissing: 'Un fichier ne peut pas être ouvert. Retirez-le de la liste, ou choisissez-en un autre.',
  takeOff: 'Le retirer de la liste',
  leaveTitle: 'Abandonner cet import ?',
  leaveAbout: (repairs, files) =>
    `Seront perdus : ${inWords(
      [
        repairs ? many(repairs, 'correction choisie', 'corrections choisies') : '',
        files ? `les options de ${many(files, 'fichier', 'fichiers')}` : '',
      ].filter(Boolean),
    )}. Les fichiers eux-mêmes restent tels quels.`,
  leaveGo: 'Abandonner',
  orSample: 'ou utiliser l’exemple',
  go: 'Importer',
  goUpdate: 'Remplacer',
  working: 'Import',
  shareFault: 'La somme doit être inférieure à 100 %',
  done: (name) => `« ${name} » a été importé.`,
  updated: (name) => `« ${name} » a été mis à jour.`,
};

// The screen Tag files.

import { count } from '../../format';
import type { batch as en } from '../en/batch';
import { many } from './words';

export const batch: typeof en = {
  title: 'Étiqueter des fichiers',
  about: 'Trouver les entités de nombreux textes à la fois, et les emporter sous forme de tableau.',
  loading: 'Lecture des fichiers étiquetés…',
  failed: 'Les fichiers étiquetés n’ont pas pu être lus',
  list: 'Fichiers étiquetés',
  none: 'Rien d’étiqueté pour l’instant.',
  new: 'Nouveau',
  what: 'Quoi étiqueter',
  with: 'Avec quel modèle',
  drop: 'Déposez ici des fichiers ou un dossier : texte, CSV, JSONL, Parquet. Leurs étiquettes sont ignorées.',
  pickFiles: 'Choisir des fichiers…',
  pickFolder: 'Choisir un dossier…',
  orData: 'ou un jeu de données…',
  files: (files) => many(files, 'fichier', 'fichiers'),
  column: 'Texte dans',
  remove: (name) => `Retirer ${name} de la liste`,
  first: 'Les premiers textes',
  noTexts: 'Aucun texte ici.',
  skipped: {
    before: {
      title: (files) =>
        files === 1
          ? 'Un des premiers fichiers ne peut pas être lu jusqu’au bout'
          : `${count(files)} des premiers fichiers ne peuvent pas être lus jusqu’au bout`,
      taken: (texts) =>
        texts === 0
          ? 'Aucun de ses textes ne sera retenu.'
          : many(
              texts,
              'texte avant l’erreur sera retenu, le reste sera ignoré.',
              'textes avant l’erreur seront retenus, le reste sera ignoré.',
            ),
    },
    after: {
      title: (files) =>
        many(files, 'fichier n’a pas pu être lu jusqu’au bout', 'fichiers n’ont pas pu être lus jusqu’au bout'),
      taken: (texts) =>
        texts === 0
          ? 'Aucun de ses textes n’a été retenu.'
          : many(
              texts,
              'texte avant l’erreur a été retenu, le reste a été ignoré.',
              'textes avant l’erreur ont été retenus, le reste a été ignoré.',
            ),
    },
  },
  lookFailed: 'Les fichiers n’ont pas pu être lus',
  whole: 'Chaque fichier texte est un document',
  wholeAbout: '(sinon, chaque ligne)',
  model: 'Modèle',
  name: 'Nom',
  start: 'Démarrer l’étiquetage',
  needFiles: 'Choisissez d’abord des fichiers ou un jeu de données.',
  needModel: 'Choisissez d’abord un modèle.',
  needReadable: 'Retirez les fichiers illisibles, ou choisissez une autre colonne.',
  busy: (name) => `« ${name} » est en cours d’étiquetage. Arrêtez-le, ou attendez la fin.`,
  noModel: 'Pas encore de modèle entraîné',
  noModelAbout:
    'Pour étiqueter, il faut un modèle qui a appris vos étiquettes. Entraînez-en un : cela prend quelques minutes.',
  status: {
    reading: 'Lecture',
    tagging: 'Étiquetage',
    indexing: 'Indexation',
    finished: 'Terminé',
    stopped: 'Arrêté',
    failed: 'Échoué',
  },
  documents: (documents) => many(documents, 'document', 'documents'),
  sources: (names) => (names.length > 2 ? `${names[0]} et ${count(names.length - 1)} autres` : names.join(', ')),
  reading: (read) => `Lecture : ${many(read, 'document', 'documents')} jusqu’ici`,
  progress: (done, total) => `${count(done)} sur ${many(total, 'document', 'documents')}`,
  left: (time) => `encore ${time} environ`,
  kept: (done, total) =>
    `${count(done)} sur ${many(total, 'document', 'documents')} sont étiquetés et conservés. « Reprendre » repart de là.`,
  resume: 'Reprendre',
  nothing: 'Le modèle n’a rien trouvé dans ces textes.',
  format: 'Exporter en',
  formats: { csv: 'CSV, une ligne par entité', jsonl: 'JSONL', parquet: 'Parquet', html: 'Page HTML' },
  export: 'Exporter…',
  exportTitle: 'Quels documents exporter ?',
  exportAbout: (shown, all) =>
    `Avec la recherche et l’étiquette à l’écran, ${count(shown)} documents sur ${count(all)} sont affichés.`,
  exportShown: (shown) => `Exporter les ${count(shown)} affichés`,
  exportAll: (all) => `Tout exporter (${count(all)})`,
  exporting: 'Écriture',
  exported: (path) => `Exporté vers ${path}.`,
  delete: 'Supprimer ces résultats',
  removeAbout: 'Ce qui a été trouvé est supprimé. Les fichiers eux-mêmes restent.',
  ended: {
    finished: (name, documents) => `« ${name} » est étiqueté : ${many(documents, 'document', 'documents')}.`,
    failed: (name) => `« ${name} » n’a pas pu être étiqueté entièrement.`,
  },
};

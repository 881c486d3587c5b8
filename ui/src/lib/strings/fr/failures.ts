// Why something failed, and what a run warns of, by their codes.

import type { failures as en } from '../en/failures';
import type { FailureTexts, WarningTexts } from '../failure';

const again = 'Réessayez.';
const reinstall =
  'Réinstallez Tagsmith : ses deux programmes doivent se trouver dans le même dossier et avoir la même version.';
const report = 'Réessayez. Si cela se répète, signalez-le avec le diagnostic des Réglages.';
const gone = 'Peut-être vient-il d’être supprimé.';

const codes: FailureTexts = {
  address: ['Cette adresse est inutilisable', 'Vérifiez l’orthographe.'],
  'bad-data': [
    'Les fichiers contiennent des erreurs et ne peuvent pas être importés tels quels',
    'Corrigez les endroits indiqués, puis importez-les de nouveau.',
  ],
  browser: ['Le navigateur n’a pas pu être ouvert', 'Ouvrez vous-même l’adresse indiquée.'],
  busy: ['Un autre travail est encore en cours', 'Attendez qu’il soit terminé, ou arrêtez-le d’abord.'],
  cancelled: ['Arrêté', null],
  check: ['Les données n’ont pas pu être vérifiées', report],
  checksum: ['Les fichiers téléchargés diffèrent de ceux du Hub', 'Téléchargez-les de nouveau.'],
  clipboard: ['Le presse-papiers est inutilisable', again],
  'cut-off': [
    'Le travail a été interrompu : le programme ou l’ordinateur a été arrêté',
    'Il peut être repris ; ce qui est fait est gardé.',
  ],
  damaged: [
    'Un fichier de la bibliothèque manque ou est endommagé',
    'Supprimez cet élément et recréez-le ; un jeu de données doit être importé de nouveau.',
  ],
  data: ['Un fichier ne peut pas être lu tel quel', 'Corrigez l’endroit indiqué, ou choisissez un autre fichier.'],
  device: ['L’appareil est inutilisable', 'Choisissez un autre appareil, ou mettez son pilote à jour.'],
  disk: ['Il n’y a pas assez de place sur le disque', 'Libérez de la place, puis réessayez.'],
  'disk-full': ['Le disque est plein', 'Libérez de la place ; ce qui a été fait jusqu’ici est intact.'],
  diverged: [
    'L’entraînement a divergé : la perte est devenue infinie ou indéfinie',
    'Entraînez avec un taux d’apprentissage plus faible.',
  ],
  'engine-died': [
    'Le moteur s’est arrêté de façon inattendue',
    'Réessayez. Si cela se répète, la mémoire manque peut-être : fermez d’autres programmes, ou choisissez des lots plus petits.',
  ],
  'engine-failed': ['Le moteur a signalé une erreur', again],
  'engine-garbled': ['La réponse du moteur est illisible', reinstall],
  'engine-hangs': [
    'Le moteur ne répond pas',
    'Le pilote d’un appareil est peut-être bloqué : redémarrez l’ordinateur, ou mettez le pilote à jour.',
  ],
  'engine-missing': ['Le moteur n’a pas pu être démarré', reinstall],
  exists: ['Un fichier ou un dossier de ce nom existe déjà', 'Choisissez un autre nom.'],
  finished: ['C’est déjà terminé', null],
  forbidden: ['Le Hub refuse l’accès', 'Vérifiez sur la page du modèle que votre compte y a accès.'],
  gated: [
    'Ce modèle est réservé à ceux qui ont accepté ses conditions',
    'Acceptez-les sur la page du modèle, puis enregistrez un jeton d’accès dans les Réglages.',
  ],
  'in-use': ['Un autre programme l’utilise en ce moment', 'Fermez-le, ou attendez qu’il ait terminé.'],
  internal: ['Un problème est survenu dans le programme', report],
  io: [
    'Un fichier n’a pas pu être lu ou écrit',
    'Vérifiez qu’il reste de la place sur le disque et que Tagsmith peut écrire dans le dossier.',
  ],
  killed: ['Un entraînement n’est pas allé à son terme', 'Réessayez ; ce qui est fait est gardé.'],
  memory: [
    'La mémoire ne suffit pas',
    'Choisissez des fenêtres plus courtes, des lots plus petits ou un modèle plus petit, ou fermez d’autres programmes.',
  ],
  model: ['Le modèle est inutilisable', 'Choisissez-en un autre, ou téléchargez-le de nouveau.'],
  name: ['Le nom manque', 'Saisissez un nom.'],
  needed: [
    'La dernière étape reste : sans elle, les fichiers sont inutilisables',
    'Corrigez le fichier, puis utilisez-en une nouvelle version.',
  ],
  network: ['Le Hub est injoignable', 'Vérifiez le réseau et réessayez.'],
  newer: ['Ceci a été écrit par une version plus récente de Tagsmith', 'Mettez Tagsmith à jour.'],
  'no-files': ['Aucun fichier n’est choisi', 'Choisissez-en au moins un.'],
  'no-list': ['Aucune liste de mentions n’est choisie', 'Choisissez un fichier.'],
  'no-output': ['Un entraînement s’est terminé sans résultat', report],
  'no-process': [
    'Un autre programme a démarré cet entraînement, et lui seul peut l’arrêter immédiatement',
    'Arrêtez-le normalement, ou mettez-y fin là où il a été démarré.',
  ],
  'no-report': [
    'Ceci n’a pas encore été évalué',
    'Les scores arrivent quand un entraînement se termine ou est arrêté.',
  ],
  'no-results': ['Rien n’est encore étiqueté', null],
  'no-source': ['Les fichiers de ce jeu de données ne sont plus dans la bibliothèque', 'Importez-les de nouveau.'],
  'no-split': ['Le sous-ensemble manque', 'Choisissez un autre sous-ensemble.'],
  'no-text': ['Il n’y a là aucun texte à partir duquel apprendre', 'Choisissez d’autres fichiers.'],
  'no-texts': ['Il n’y a là aucun texte', 'Choisissez d’autres fichiers, ou une autre colonne.'],
  'no-train': ['Le jeu de données n’a pas de jeu d’entraînement (train)', 'Répartissez-le de nouveau, dans Données.'],
  'not-a-model': ['Ce dossier ne contient pas de modèle', 'Choisissez le dossier qui contient config.json.'],
  'not-begun': [
    'Cet entraînement s’est terminé avant de commencer : il n’y a rien à comparer',
    'Choisissez un autre entraînement.',
  ],
  'not-found': ['Ce modèle est introuvable', 'Vérifiez le nom.'],
  'not-ours': [
    'Le modèle se trouve dans le cache de Hugging Face, que d’autres programmes utilisent aussi',
    'Supprimez-le avec le programme qui l’a téléchargé.',
  ],
  'not-picked': ['Ce fichier n’a pas été choisi dans Tagsmith', 'Choisissez-le de nouveau.'],
  'not-running': ['Cela n’est plus en cours', null],
  'nothing-done': ['Il n’y a aucune correction à annuler', null],
  'nothing-safe': ['Aucun constat ne peut être corrigé sans décision', 'Examinez les constats un par un.'],
  'nothing-to-learn': [
    'Ces données n’ont rien à apprendre ni à évaluer',
    'Choisissez des données avec des entités annotées.',
  ],
  'nothing-undone': ['Il n’y a aucune correction à rétablir', null],
  offline: ['Tagsmith est réglé pour travailler hors ligne', 'Désactivez cela dans les Réglages.'],
  'output-not-empty': ['Le dossier de sortie n’est pas vide', 'Dupliquez l’entraînement pour recommencer.'],
  panic: ['Un problème est survenu dans le programme', report],
  path: ['Le nom du dossier contient des caractères illisibles', 'Renommez le dossier.'],
  plan: [
    'Les fichiers de ces entraînements sont endommagés ou ne vont pas ensemble',
    'Dupliquez-les pour recommencer.',
  ],
  'rate-limited': ['Le Hub a reçu trop de requêtes', 'Attendez quelques minutes.'],
  repair: ['Cette correction n’est pas possible ainsi', 'Modifiez ce que vous avez saisi.'],
  resume: ['Impossible de reprendre', 'Dupliquez l’entraînement pour recommencer.'],
  revision: ['Cette révision du modèle n’existe pas', 'Téléchargez la plus récente.'],
  run: ['Ce modèle appartient à un entraînement', 'Supprimez l’entraînement, dans Entraînement.'],
  runner: ['Les entraînements n’ont pas pu être démarrés', again],
  running: ['Un travail en cours s’en sert encore', 'Arrêtez-le d’abord, ou attendez qu’il soit terminé.'],
  server: ['Le serveur a répondu par une erreur', 'Réessayez plus tard.'],
  setting: ['Un réglage n’est pas valable', 'Modifiez la valeur indiquée.'],
  starter: [
    'Le modèle fourni fait partie de Tagsmith, ou il est incomplet',
    'Il ne peut pas être supprimé ; s’il est incomplet, téléchargez-le de nouveau.',
  ],
  'tasks-failed': ['Tous les entraînements ne sont pas allés à leur terme', 'Réessayez ; ce qui est fait est gardé.'],
  usage: ['Le moteur ne comprend pas cette demande', 'Modifiez ce que vous avez saisi.'],
  tokenizer: ['Le tokeniseur du modèle est inutilisable', 'Choisissez un autre modèle, ou téléchargez-le de nouveau.'],
  'too-long': ['Ce texte est trop long pour être affiché ici', 'Utilisez l’écran Étiqueter.'],
  'too-many-files': ['Le dossier contient trop de fichiers', 'Choisissez le dossier qui ne contient que les données.'],
  unauthorized: [
    'Le Hub exige un jeton d’accès valable',
    'Enregistrez dans les Réglages un jeton qui puisse lire ce modèle.',
  ],
  unexpected: ['Un problème inattendu est survenu', report],
  'unknown-batch': ['Ces fichiers étiquetés n’existent plus', null],
  'unknown-data': ['Ce jeu de données n’existe plus', gone],
  'unknown-entry': ['Cet élément n’existe plus', gone],
  'unknown-model': ['Ce modèle n’existe plus', 'Choisissez-en un autre.'],
  'unknown-pretraining': ['Ce préentraînement n’existe plus', gone],
  'unknown-run': ['Cet entraînement n’existe plus', gone],
  'unknown-study': ['Ces entraînements n’existent plus', null],
  untrainable: ['Ce modèle ne peut pas être entraîné ici', 'Choisissez un autre modèle.'],
};

/** Beside what the engine says in English, with names and numbers. */
const warnings: WarningTexts = {
  adapter: 'Seul un petit ajout est entraîné (LoRA).',
  'augment-labels': 'Des étiquettes de la liste manquent dans le jeu d’entraînement.',
  augmented: 'Des documents ont été ajoutés (augmentation).',
  'clipped-weights': 'Des poids de classes ont été limités.',
  context: 'Le fichier n’indique pas les limites des documents.',
  device: 'L’appareil a été changé ou limité.',
  'early-stopping': 'L’entraînement se termine plus tôt (arrêt anticipé).',
  'empty-document': 'Des documents vides sont laissés de côté.',
  'equal-documents': 'Tous les documents d’entraînement ont le même texte.',
  head: 'La tête repart en tout ou en partie de zéro.',
  'held-out': 'Une partie des données est mise de côté.',
  'keep-labels': 'À propos des étiquettes gardées :',
  log: 'Le journal est incomplet.',
  'long-document': 'De longs documents sont lus en plusieurs fenêtres.',
  'long-word': 'Des mots très longs sont raccourcis.',
  'lost-span': 'Des entités qui partagent un mot ne peuvent pas être apprises.',
  memory: 'La mémoire est limitée.',
  model: 'À propos du modèle :',
  moments: 'L’état de l’optimiseur reste en 32 bits.',
  'moved-span': 'Des limites d’entités ont été étendues aux mots entiers.',
  'no-entities': 'Un sous-ensemble n’a pas d’entités.',
  'no-pieces': 'Certains mots sont vides pour le modèle.',
  overlap: 'Certains textes sont dans deux sous-ensembles.',
  'plain-text': 'Un fichier est lu comme texte brut.',
  precision: 'La précision numérique n’est pas celle demandée.',
  'rare-label': 'Certaines étiquettes ont très peu d’exemples.',
  refit: 'L’entraînement recommence sur toutes les données.',
  setting: 'Un réglage a été adapté au modèle.',
  unfreezing: 'Toutes les couches ne seront pas dégelées.',
  'unknown-label': 'Certaines étiquettes sont absentes de l’entraînement.',
};

export const failures: typeof en = { codes, hints: {}, warnings, original: 'En anglais :' };

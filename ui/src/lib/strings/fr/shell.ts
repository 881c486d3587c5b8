// The window’s frame: navigation, shortcuts, the question on closing.

import { count } from '../../format';
import type { shell as en } from '../en/shell';
import { many } from './words';

export const shell: typeof en = {
  screens: 'Écrans',
  names: {
    models: 'Modèles',
    data: 'Données',
    train: 'Entraînement',
    results: 'Résultats',
    highlight: 'Surligner',
    batch: 'Étiqueter',
    settings: 'Réglages',
    help: 'Aide',
  },
  demo: 'Démonstration',
  demoAbout: 'Les modèles, les entraînements et les scores sont ici inventés ; rien n’est calculé.',
  runningNow: 'Entraînement en cours',
  show: (name) => `Afficher l’entraînement ${name}`,
  shortcuts: {
    title: 'Raccourcis clavier',
    open: 'Raccourcis clavier (?)',
    or: 'ou',
    list: [
      [['Ctrl+1…8'], 'Aller à un écran : de Modèles à Aide'],
      [['F1'], 'Ouvrir l’aide'],
      [['/', 'Ctrl+F'], 'Chercher des modèles, ou dans les textes d’un jeu de données'],
      [['Ctrl+Entrée'], 'Démarrer l’entraînement, ou l’étiquetage de fichiers'],
      [
        ['Ctrl+Z', 'Ctrl+Maj+Z'],
        'Annuler ou rétablir une modification dans Données, ou annuler « Effacer » dans Surligner',
      ],
      [['Alt+↑ ↓', 'Alt+Origine/Fin'], 'Déplacer une entrée de la file d’attente, dans Entraînement'],
      [['Tab', 'Maj+Tab'], 'Passer au contrôle suivant, ou revenir'],
      [['← →'], 'Changer d’onglet, déplacer les curseurs'],
      [['↑ ↓', 'Page préc./suiv.'], 'Faire défiler une liste'],
      [['Échap'], 'Fermer un dialogue, une aide ou une notification'],
      [['?'], 'Afficher cette liste'],
    ],
  },
  system: {
    titles: {
      data: 'Choisir des fichiers de données',
      data_folder: 'Choisir un dossier de données',
      text: 'Ouvrir un texte',
      model: 'Choisir le dossier d’un modèle',
      mentions: 'Choisir une liste de mentions',
      unlabelled: 'Choisir des textes d’apprentissage',
      export_data: 'Exporter les données',
      export_entities: 'Exporter les entités',
      export_model: 'Exporter le modèle',
    },
    kinds: { data: 'Données', text: 'Texte', lists: 'Listes', all: 'Tous les fichiers' },
    in_use: 'Tagsmith est déjà ouvert pour le dossier « {folder} ».',
    in_use_next: 'Utilisez cette fenêtre ou fermez-la d’abord.',
  },
  closing: {
    title: 'Fermer Tagsmith ?',
    training: (names) =>
      names.length === 1
        ? `« ${names[0]} » est encore en cours d’entraînement.`
        : `${count(names.length)} entraînements sont encore en cours : ${names.join(', ')}.`,
    choice:
      'L’entraînement peut continuer en arrière-plan ; Tagsmith en montrera l’avancement à la prochaine ouverture. Vous pouvez aussi l’arrêter après cette étape et garder le meilleur modèle obtenu.',
    waiting: (number) =>
      `${many(number, 'autre attend', 'autres attendent')} dans la file. Si l’entraînement continue, la file continue aussi ; si vous l’arrêtez, Tagsmith vous demandera à la prochaine ouverture.`,
    tagging: (names) =>
      names.length === 1
        ? `« ${names[0]} » est encore en cours d’étiquetage.`
        : `${count(names.length)} lots sont encore en cours d’étiquetage : ${names.join(', ')}.`,
    taggingStops:
      'L’étiquetage s’arrête à la fermeture de Tagsmith. Ce qui est déjà étiqueté est conservé ; vous pourrez reprendre plus tard dans « Étiqueter ».',
    jobs: {
      import: 'Une importation est encore en cours et sera annulée.',
      export: 'Une exportation est encore en cours et sera annulée.',
      repair: 'Une modification d’un jeu de données est encore en cours et sera annulée.',
    },
    other: 'Tagsmith travaille encore. Si vous fermez maintenant, le travail en cours est perdu.',
    downloads: (number) =>
      `${many(number, 'téléchargement est incomplet. Vous pourrez le', 'téléchargements sont incomplets. Vous pourrez les')} reprendre à la prochaine ouverture.`,
    stopping: 'Arrêt en cours. Le meilleur modèle obtenu est évalué ; la fenêtre se fermera ensuite d’elle-même.',
    evaluations: (number) =>
      `${many(number, 'évaluation est encore en cours et sera annulée', 'évaluations sont encore en cours et seront annulées')}.`,
    end: 'Arrêter immédiatement',
    keep: 'Fermer et continuer l’entraînement',
    stop: 'Arrêter et garder le meilleur modèle',
    close: 'Fermer la fenêtre',
    progress: (share, left) => `${share} faits, encore ${left}`,
    demo: 'La fenêtre se fermerait maintenant. La démonstration reste ouverte.',
  },
};

// The first steps.

import type { guide as en } from '../en/guide';

export const guide: typeof en = {
  title: 'Premiers pas',
  steps: { model: 'Choisir un modèle', data: 'Ajouter des données', train: 'Entraîner', highlight: 'Surligner' },
  doing: {
    model: 'Choisissez un modèle préentraîné comme point de départ. Le modèle fourni est déjà sur cet ordinateur.',
    fetch:
      'Choisissez un modèle préentraîné comme point de départ. Le modèle fourni est petit et s’entraîne en quelques minutes.',
    data: 'Importez un fichier d’entités annotées, ou prenez l’exemple de 480 tickets d’assistance.',
    train: 'Cliquez sur « Démarrer l’entraînement ». Les réglages par défaut conviennent à la plupart des données.',
    training:
      'L’entraînement est en cours. Le F1 sur dev montre la qualité du modèle ; vous pouvez arrêter à tout moment.',
    highlight: 'Collez un texte et voyez ce que votre modèle y trouve.',
    done: 'C’est fait : vous avez entraîné votre propre modèle.',
  },
  useStarter: 'Utiliser le modèle fourni',
  fetchStarter: (size) => `Télécharger le modèle fourni (${size})`,
  fetching: (share) => `Téléchargement du modèle fourni, ${share} %`,
  useSample: 'Utiliser l’exemple',
  open: {
    model: 'Voir les modèles',
    data: 'Aller à Données',
    train: 'Aller à Entraînement',
    highlight: 'Aller à Surligner',
  },
  hide: 'Masquer les premiers pas',
  finish: 'Terminer',
  stepDone: 'fait',
  stepNext: 'à faire',
  stepLater: 'plus tard',
};

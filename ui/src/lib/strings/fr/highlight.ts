// The screen Highlight.

import { count, score } from '../../format';
import { highlight as english, type highlight as en } from '../en/highlight';
import { common } from './common';
import { many } from './words';

export const highlight: typeof en = {
  title: 'Surligner',
  about: 'Saisissez ou collez un texte et voyez les entités qu’un modèle entraîné y trouve.',
  model: 'Modèle',
  secondModel: 'Second modèle',
  open: 'Ouvrir un texte…',
  clear: 'Effacer',
  cleared: 'Le texte a été effacé.',
  compare: 'Deux modèles',
  text: 'Votre texte',
  hideText: 'Masquer la zone de texte',
  showText: 'Afficher la zone de texte',
  folded: 'Le texte est long, sa zone est donc masquée. « Afficher la zone de texte » la fait revenir.',
  placeholder: 'Saisissez ou collez un texte ici…',
  trySample: 'Essayer un exemple',
  // In English, as the sample data and most models are.
  example: english.example,
  noModel: 'Pas encore de modèle entraîné',
  noModelAbout:
    'Pour surligner, il faut un modèle qui a appris vos étiquettes. Entraînez-en un : cela prend quelques minutes.',
  goTrain: 'Aller à Entraînement',
  nothing: 'Rien à surligner pour l’instant',
  nothingAbout: 'Saisissez un texte ci-dessus. Les entités apparaissent ici à mesure que vous tapez.',
  failed: 'Ce texte n’a pas pu être étiqueté',
  cancelled: 'Arrêté',
  cancelledAbout: 'La préparation du GPU a été arrêtée, le texte n’a donc pas été étiqueté.',
  libraryFailed: 'Les modèles n’ont pas pu être lus',
  loading: 'Recherche de modèles entraînés…',
  busy: 'Étiquetage…',
  progress: (done, total) => `${count(done)} sur ${many(total, 'paragraphe', 'paragraphes')}`,
  stopped: 'Arrêté : le reste du texte n’a pas été étiqueté.',
  goOn: 'Étiqueter le reste',
  nextDifference: 'Différence suivante',
  result: (model) => `Entités trouvées par ${model}`,
  found: (entities) => many(entities, 'entité', 'entités'),
  foundBelow: (hidden) => `${many(hidden, 'masquée', 'masquées')}`,
  legend: 'Étiquettes',
  legendHelp: 'Cliquez sur une étiquette pour la masquer ou l’afficher.',
  legendEmpty: 'Les étiquettes du modèle apparaissent ici.',
  threshold: 'Confiance minimale',
  thresholdHelp: 'Masque les entités de confiance inférieure. Cela ne change que ce qui est affiché et copié.',
  copy: 'Copier en',
  copied: (model, done, total) =>
    done < total
      ? `Copié : ce que ${model ? `${model} a trouvé` : 'le modèle a trouvé'} jusqu’ici, dans ${count(done)} paragraphes sur ${count(total)}.`
      : model
        ? `Copié : ce que ${model} a trouvé.`
        : common.copied,
  kinds: { json: 'JSON', csv: 'CSV', html: 'HTML', list: 'Liste' },
  details: { label: 'Étiquette', certainty: 'Confiance', place: 'Caractères' },
  place: (from, to) => `${count(from)}–${count(to)}`,
  certainty: (value) => `${score(value)} %`,
  differences: (same, first, second) =>
    `${many(same, 'identique', 'identiques')}\n${count(first)} à gauche seulement\n${count(second)} à droite seulement`,
};

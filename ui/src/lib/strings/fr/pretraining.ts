// Pretraining on one’s own text.

import { count } from '../../format';
import type { pretraining as en } from '../en/pretraining';
import { many } from './words';

export const pretraining: typeof en = {
  title: 'Préentraînement',
  open: 'Préentraîner sur votre texte…',
  dialogTitle: (model) => `Préentraîner « ${model} » sur votre texte`,
  about:
    'Le modèle lit du texte sans étiquettes et apprend à prédire les mots qui y sont masqués. Cela peut aider lorsque votre texte diffère de ce que le modèle connaît et que vous en avez bien plus que de documents annotés : des milliers de phrases. Cela n’aide pas toujours. Une partie du texte est mise de côté pour le vérifier.',
  text: 'Texte',
  choose: 'Choisir des fichiers…',
  chooseMore: 'Ajouter des fichiers…',
  noText: 'Aucun texte choisi',
  textAbout:
    'Texte brut avec un document par ligne, ou tout format que l’on peut importer ; les étiquettes sont ignorées.',
  leaveOut: (name) => `Retirer ${name}`,
  name: 'Nom du nouveau modèle',
  epochs: 'Époques',
  epochsAbout: 'Nombre maximal de passages sur le texte. S’arrête plus tôt si deux de suite n’apportent rien.',
  epochsAutomatic: 'automatique : 10',
  epochsRange: 'Saisissez un nombre entier à partir de 1, ou laissez vide.',
  start: 'Démarrer le préentraînement',
  reading: 'Lecture du texte…',
  headFirst: 'Préparation d’une nouvelle tête pour les mots masqués…',
  progress: (step, steps) => `Étape ${count(step)} sur ${count(steps)}`,
  left: (time) => `encore ${time}`,
  documents: (train, heldOut) =>
    `${many(train, 'document', 'documents')} pour apprendre, ${count(heldOut)} mis de côté`,
  heldOut: 'Mots masqués du texte mis de côté',
  columns: { epoch: 'Époque', loss: 'Perte', perplexity: 'Perplexité' },
  before: 'avant',
  best: 'meilleur',
  evaluationAbout:
    'Perplexité : entre combien de mots le modèle hésite, en moyenne. Plus elle est basse, mieux c’est. Seul l’entraînement montre si davantage d’entités sont trouvées.',
  came: {
    better: (before, after, hasNewHead) =>
      `La perte sur les mots masqués du texte mis de côté est passée de ${before} à ${after}${hasNewHead ? ', en partie parce que la nouvelle tête continue d’apprendre' : ''}. Seul l’entraînement montre si davantage d’entités sont trouvées : entraînez les deux modèles et comparez.`,
    none: (model, before, epochs) =>
      `Cela n’a rien apporté : gardez « ${model} ». La perte sur les mots masqués du texte mis de côté était de ${before}, et elle n’est pas plus basse après ${many(epochs, 'époque', 'époques')}.`,
  },
  stop: 'Arrêter',
  end: 'Arrêter immédiatement',
  stopping: 'Arrêt après cette étape…',
  resume: 'Reprendre',
  remove: 'Supprimer',
  removeTitle: (name) => `Supprimer le préentraînement « ${name} » ?`,
  removeAbout: 'Son journal et ses points de contrôle sont supprimés. Le modèle qu’il a produit reste.',
  removeAboutNone: 'Son journal et ses points de contrôle sont supprimés.',
  use: 'Utiliser pour l’entraînement',
  madeFrom: (model, files) => `${model}, sur ${files.join(', ')}`,
  status: { running: 'En cours', finished: 'Terminé', stopped: 'Arrêté', failed: 'Échoué' },
  useless: 'Aucun gain',
  ended: {
    finished: (model) => `Le préentraînement est terminé. « ${model} » peut servir à l’entraînement.`,
    useless: (name) =>
      `Le préentraînement « ${name} » est terminé : les mots masqués ne sont pas mieux prédits qu’avant.`,
    stopped: (name) => `Le préentraînement « ${name} » a été arrêté.`,
    failed: (name) => `Le préentraînement « ${name} » a échoué.`,
  },
};

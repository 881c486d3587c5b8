// A run: its progress, curves and log.

import { count, fixed, score } from '../../format';
import type { run as en } from '../en/run';
import { form, many } from './words';

/** A split at the beginning of a sentence. */
const titled = (split: string) => split.charAt(0).toUpperCase() + split.slice(1);

export const run: typeof en = {
  stop: 'Arrêter et garder',
  stopping:
    'Arrêt après cette étape. Le meilleur modèle obtenu est ensuite évalué sur dev et test, ce qui peut prendre quelques minutes.',
  endNow: 'Arrêter immédiatement',
  endTitle: (name) => `Arrêter « ${name} » immédiatement ?`,
  endAbout:
    'Les étapes depuis le dernier point de contrôle sont perdues, et le modèle n’est pas évalué. Si vous attendez, l’arrêt viendra bientôt de lui-même.',
  resume: 'Reprendre',
  duplicate: 'Dupliquer',
  copyOf: (name) => `${name} (copie)`,
  star: 'Marquer d’une étoile',
  unstar: 'Retirer l’étoile',
  starred: 'avec étoile',
  note: 'Note',
  noteAdd: 'Ajouter une note',
  noteEdit: 'Modifier la note',
  openFolder: 'Ouvrir le dossier de l’entraînement',
  order: {
    label: 'Trier par',
    newest: 'Plus récents',
    name: 'Nom',
    test: 'Meilleur F1 test',
    dev: 'Meilleur F1 dev',
    starred: 'Étoiles d’abord',
  },
  select: {
    begin: 'Sélectionner',
    done: 'Terminé',
    of: (name) => `Sélectionner ${name}`,
    acts: 'Sélection',
    count: (number) => many(number, 'sélectionné', 'sélectionnés'),
    compare: 'Comparer',
    two: 'Sélectionnez deux entraînements pour les comparer',
    remove: 'Supprimer la sélection',
    removeTitle: (number) => `Supprimer ${many(number, 'entrée', 'entrées')} ?`,
    removeAbout: (names) =>
      `${names.join(', ')} : modèles, scores et points de contrôle sont supprimés. C’est irréversible.`,
  },
  rename: 'Renommer',
  renameTitle: 'Renommer l’entraînement',
  save: 'Enregistrer',
  remove: 'Supprimer l’entraînement',
  removeTitle: (name) => `Supprimer « ${name} » ?`,
  removeAbout: 'Son modèle, ses scores et ses points de contrôle sont supprimés. C’est irréversible.',
  results: 'Résultats',
  highlight: 'Surligner',
  eventsLoading: 'Chargement de l’historique…',
  eventsFailed: 'Les événements de l’entraînement n’ont pas pu être lus',
  broke: {
    title: (step, steps) =>
      step > 0
        ? `Cet entraînement a échoué à l’étape ${count(step)} sur ${count(steps)}`
        : 'Cet entraînement a échoué avant sa première étape',
    unknown: 'Le moteur s’est arrêté sans message d’erreur.',
    again: 'Réessayer',
    duplicate: 'Dupliquer avec ses réglages',
    about:
      '« Réessayer » reprend au dernier point de contrôle avec les mêmes réglages. Pour les changer, dupliquez l’entraînement.',
  },
  waiting: 'Chargement du modèle et des données…',
  noScores: 'Le premier score sur dev apparaît après la première époque.',
  progress: (step, steps) => `Étape ${count(step)} sur ${count(steps)}`,
  tiles: {
    epoch: 'Époque',
    loss: 'Perte',
    best: 'Meilleur F1 dev',
    speed: 'tokens/s',
    memory: 'Mémoire',
    left: 'Temps restant',
    took: 'Durée',
  },
  forecast: (size) => `env. ${size} prévus`,
  forecastCard: (size) => `environ ${size} sur le GPU`,
  charts: {
    more: 'Taux d’apprentissage et vitesse',
    speed: 'Tokens par seconde',
    loss: 'Perte',
    lossStep: 'chaque étape',
    lossSmooth: 'lissée',
    f1: 'Scores sur dev',
    rate: 'Taux d’apprentissage',
    overall: 'F1',
    precision: 'précision',
    recall: 'rappel',
    aboutLoss: (first, last) => `Descendue de ${fixed(first, 2)} à ${fixed(last, 2)}`,
    aboutF1: (epochs, best) => `${many(epochs, 'époque', 'époques')}, meilleur F1 ${score(best)}`,
    aboutNow: (now) => `Maintenant ${now}`,
    nothing: 'Rien à montrer pour l’instant',
  },
  log: 'Journal',
  logLine: {
    started: (device, documents, windows, isRepeated) =>
      `Démarré sur ${device}. Documents : ${documents}. Train a ${many(windows, 'fenêtre', 'fenêtres')}${isRepeated ? ' ; celles qui ont des étiquettes rares sont répétées à chaque époque' : ''}.`,
    testing: (device) => `Préparation du GPU (${device}), une fois pour cette carte`,
    preparing: (total) => `Préparation du GPU : ${many(total, 'noyau', 'noyaux')} pour cet entraînement`,
    evaluated: (split, f1, loss, best) =>
      `${titled(split)} évalué : F1 ${score(f1)}, perte ${fixed(loss, 3)}${best ? ' – le meilleur jusqu’ici' : ''}`,
    checkpoint: (step) => `Point de contrôle écrit à l’étape ${count(step)}`,
    finished: (f1, step) => `Terminé. Meilleur F1 dev ${score(f1)} à l’étape ${count(step)}`,
    stopped: (step) =>
      `Arrêté après ${form(step, `${count(step)} étape`, `${count(step)} étapes`)} ; le meilleur modèle est gardé`,
    stoppedBefore: 'Arrêté avant la première étape',
    failed: (message) => `Échec : ${message}`,
  },
  settings: 'Réglages de cet entraînement',
  compareWith: 'Comparer avec',
  compareNone: 'Comparer avec…',
  comparedWith: (name) => `Comparé avec ${name}`,
  compareEnd: 'Terminer la comparaison',
};

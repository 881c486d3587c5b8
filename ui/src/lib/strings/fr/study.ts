// Several seeds of one run, and searches for better settings.

import { count, estimate, score } from '../../format';
import type { study as en } from '../en/study';
import { many } from './words';

export const study: typeof en = {
  chip: { seeds: (seeds) => many(seeds, 'graine', 'graines'), search: 'Recherche' },
  stop: 'Arrêter et garder ce qui est fait',
  stopping: 'Arrêt après cette étape. Ce qui est fait est gardé, et pourra être repris.',
  endNow: 'Arrêter immédiatement',
  endTitle: (name) => `Arrêter « ${name} » immédiatement ?`,
  endAbout:
    'L’entraînement en cours perd les étapes depuis son dernier point de contrôle. Tous les autres sont gardés.',
  resume: 'Reprendre',
  again: 'Réessayer',
  failed: 'Interrompu avant la fin',
  failedAbout: 'Ce qui est fait est gardé : « Réessayer » repart de là.',
  noReason: 'Le moteur s’est arrêté sans message d’erreur.',
  notKept: 'L’entraînement médian n’a pas pu être gardé. Tagsmith réessaiera à la prochaine ouverture.',
  removeTitle: (name) => `Supprimer « ${name} » ?`,
  removeAbout:
    'Ses entraînements et ses scores sont supprimés. L’entraînement qui en a été gardé reste dans la liste. C’est irréversible.',
  remove: 'Supprimer ces entraînements',
  rename: 'Renommer',
  kept: 'Résultats de l’entraînement médian',
  highlight: 'Surligner',
  progress: (done, total) => `${count(done)} sur ${many(total, 'entraînement', 'entraînements')}`,
  left: (seconds) => `encore ${estimate(seconds)} environ`,
  starting: 'Chargement du modèle et des données…',
  working: 'Avancement',
  ended: {
    finished: (name) => `« ${name} » est terminé.`,
    stopped: (name) => `« ${name} » a été arrêté. Ce qui est fait est gardé.`,
    failed: (name) => `« ${name} » a échoué.`,
  },
  meanDev: 'F1 dev',
  meanTest: 'F1 test',
  spread: (mean, deviation) => (deviation === null ? score(mean) : `${score(mean)} ± ${score(deviation)}`),
  range: (low, high) => `${score(low)} à ${score(high)}`,
  meanOf: (done, all) =>
    done === all
      ? `moyenne de ${many(all, 'graine', 'graines')}`
      : `moyenne de ${count(done)} sur ${many(all, 'graine', 'graines')}`,
  combined: { average: 'Moyenne des poids', ensemble: 'Ensemble' },
  combinedScores: (dev, test) => [dev && `F1 dev ${dev}`, test && `F1 test ${test}`].filter(Boolean).join(', '),
  combinedModel: (name) => `dans Modèles sous « ${name} »`,
  highlightCombined: 'Surligner avec lui',
  advice: (deviation) =>
    `La graine seule fait varier le F1 sur dev d’environ ${score(deviation)}. Une différence plus petite entre deux réglages ne dit rien.`,
  seeds: {
    title: 'Graines',
    columns: {
      seed: 'Graine',
      curve: 'F1 dev au fil du temps',
      dev: 'F1 dev',
      test: 'F1 test',
      time: 'Durée',
      status: 'État',
    },
    middle: 'médian, gardé',
    none: 'Les premiers scores apparaissent après la première époque.',
  },
  status: {
    waiting: 'En attente',
    running: 'En cours',
    pausing: 'Mise en pause',
    paused: 'En pause',
    stopped: 'Arrêté',
    failed: 'Échoué',
    done: 'Terminé',
  },
  share: (share) => `En cours, ${share}`,
  search: {
    trials: 'Essais',
    number: 'Essai',
    default: 'par défaut',
    length: 'Durée',
    lengths: (epochs) => (epochs === null ? 'complet' : many(epochs, 'époque', 'époques')),
    none: 'Le premier essai se prépare.',
    same: '–',
    unchanged: 'comme dans le formulaire',
    scroll: 'Tableau des essais',
    importance: 'Ce qui a compté',
    importanceAbout:
      'La part des différences de F1 sur dev qui accompagne un réglage. Avec moins de vingt essais, ce sont des indices.',
    importanceSoon: 'Ceci apparaît dès que cinq essais sont terminés.',
    higher: 'une valeur élevée est préférable',
    lower: 'une valeur faible est préférable',
    space: 'Ce qui est exploré',
    verdicts: {
      default: 'Les réglages par défaut ont été les meilleurs',
      better: 'De meilleurs réglages ont été trouvés',
      'within-spread': 'Des réglages un peu meilleurs ont été trouvés',
      'not-better': 'Les réglages par défaut sont aussi bons',
    },
    verdictAbout: {
      default: 'Aucun essai n’a été meilleur que les réglages du formulaire.',
      better: 'Le gain dépasse l’écart entre les graines.',
      'within-spread': 'Le gain ne dépasse pas l’écart entre les graines, il peut donc tenir au hasard.',
      'not-better': 'Le meilleur essai ne s’est pas confirmé avec de nouvelles graines.',
    },
    final: 'Le gagnant et les réglages par défaut sont maintenant entraînés avec trois graines chacun.',
    winner: (trial) => `Essai ${count(trial)}`,
    defaultName: 'Réglages par défaut',
    settings: 'Réglages',
    use: 'Utiliser ces réglages',
    used: 'Les réglages du gagnant sont dans le formulaire.',
    sort: (column) => `Trier par ${column}`,
    curve: (points, best) => `${many(points, 'score', 'scores')}, le meilleur ${score(best)}`,
    noCurve: 'pas encore de score',
  },
};

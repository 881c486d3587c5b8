// The queue of runs.

import { count } from '../../format';
import type { queue as en } from '../en/queue';

export const queue: typeof en = {
  title: 'File d’attente',
  entry: 'File d’attente',
  standing: (waiting, paused, failed) =>
    waiting
      ? `${count(waiting)} en attente`
      : paused
        ? `${count(paused)} en pause`
        : failed
          ? `${count(failed)} en échec`
          : 'en cours',
  about: 'Commencent dans cet ordre, l’un après l’autre.',
  empty: 'Rien n’attend. Ce que vous démarrez pendant un entraînement s’ajoute ici.',
  loading: 'Lecture de la file d’attente…',
  failed: 'La file d’attente n’a pas pu être lue',
  stuck: 'La file d’attente ne continue pas',
  goOn: 'Réessayer',
  kinds: {
    run: 'Entraînement',
    seeds: 'Plusieurs graines',
    search: 'Recherche',
    pretraining: 'Préentraînement',
    command: 'Ligne de commande',
  },
  status: {
    waiting: 'En attente',
    running: 'En cours',
    pausing: 'En pause après cette étape',
    paused: 'En pause',
    stopped: 'En attente',
    failed: 'Échoué',
    done: 'Terminé',
  },
  begun: 'continue où il s’est arrêté',
  inQueue: 'Dans la file d’attente : continuera à son tour.',
  defaults: 'réglages par défaut',
  moreSettings: (number) => (number === 1 ? '1 autre' : `${count(number)} autres`),
  up: (name) => `Monter ${name}`,
  down: (name) => `Descendre ${name}`,
  pause: (name) => `Mettre ${name} en pause`,
  resume: (name) => `Reprendre ${name}`,
  remove: (name) => `Retirer ${name} de la file d’attente`,
  show: (name) => `Afficher ${name}`,
  pauseAll: 'Tout mettre en pause',
  resumeAll: 'Tout reprendre',
  pausedNow: (name) => `« ${name} » est en pause et reprendra où il s’est arrêté.`,
  removed: (name) => `« ${name} » a été retiré de la file d’attente.`,
  added: (name) => `« ${name} » a été ajouté à la file d’attente.`,
  open: 'Afficher la file d’attente',
  moved: (name, place, of) => `${name} est maintenant numéro ${count(place)} sur ${count(of)}.`,
  keys: 'Alt+↑ et Alt+↓ déplacent une entrée, Alt+Origine et Alt+Fin à la première ou dernière place.',
  ask: {
    title: 'Continuer la file d’attente ?',
    about: 'Ceci attendait quand vous avez fermé Tagsmith :',
    later: 'Pas maintenant',
    go: 'Continuer',
    laterAbout:
      '« Pas maintenant » met en pause. Vous pourrez reprendre à tout moment, sous le formulaire d’Entraînement.',
  },
};

// What several screens say.

import { bytes, count, fixed } from '../../format';
import type { common as en } from '../en/common';

export const common: typeof en = {
  cancel: 'Annuler',
  close: 'Fermer',
  dismiss: 'Masquer',
  retry: 'Réessayer',
  needName: 'Il faut un nom.',
  nameTaken: 'Un autre porte déjà ce nom.',
  undo: 'Annuler',
  stop: 'Arrêter',
  remove: 'Supprimer',
  notices: 'Notifications',
  helpOn: (about) => `Que signifie « ${about} » ?`,
  choose: 'Choisir…',
  none: 'Aucun',
  copied: 'Copié dans le presse-papiers.',
  freed: (freed) => `Supprimé. ${bytes(freed)} sont de nouveau libres.`,
  unknown: 'inconnu',
  named: (label, value) => `${label} : ${value}`,
  stage: (work, stage) => `${work} : ${stage}`,
  epoch: (epoch) => `époque ${Number.isInteger(epoch) ? count(epoch) : fixed(epoch, 1)}`,
};

// What is wrong with a data set.

import { count } from '../../format';
import type { findings as en } from '../en/findings';
import { reasons } from './finding-reasons';
import { remedies } from './finding-remedies';
import { titles } from './finding-titles';
import { form, many } from './words';

export const findings: typeof en = {
  none: 'Aucun problème trouvé',
  noneAbout: 'Chaque ligne a pu être lue, et les sous-ensembles sont cohérents.',
  noneAboutOne: 'Chaque ligne a pu être lue.',
  noneFit: 'Aucun constat de ce type',
  severities: 'Gravité',
  all: 'Tous',
  plural: { error: 'Erreurs', warning: 'Alertes', info: 'Notes' },
  kind: 'Type',
  anyKind: 'Tous les types',
  placesCount: (number) => form(number, 'à un endroit', `à ${count(number)} endroits`),
  fix: 'Que faire',
  places: (number) => form(number, 'L’afficher', `Afficher les ${count(number)}`),
  preview: 'Ce que la correction fait d’abord',
  explains: (kinds) =>
    `Cela explique aussi : ${kinds.map(([title, number]) => `${title} (${count(number)})`).join(', ')}.`,
  ignore: 'Ignorer',
  ignoreOf: (title) => `Ignorer : ${title}`,
  ignoredNow: (title) => `« ${title} » est désormais ignoré.`,
  shownAgain: (title) => `« ${title} » est de nouveau affiché.`,
  ignored: (number) => `Ignorés : ${count(number)}`,
  ignoredAbout: 'Un type revient de lui-même quand il y en a plus que maintenant.',
  showAgain: 'Afficher de nouveau',
  showAgainOf: (title) => `Afficher de nouveau : ${title}`,
  noneOpen: 'Plus rien à examiner',
  noneOpenAbout: 'Tous les autres constats sont ignorés ; ils figurent ci-dessous.',
  safe: (number) => `Corrections sûres (${count(number)})`,
  safeTitle: (number) => `Corriger ${many(number, 'constat', 'constats')}`,
  safeAbout:
    'Ces corrections ne demandent aucune décision : elles ne font que rendre les données exactes. Un modèle apprend la même chose avant et après, car il apprend des mots entiers.',
  safeGo: 'Tout corriger',
  look: (number) => `${many(number, 'constat', 'constats')} : à examiner avant d’entraîner.`,
  lookAt: 'Voir les constats',
  hide: 'Masquer',
  placesOf: (title) => `Constats : ${title}`,
  more: 'Afficher plus',
  listed: (listed, all) => `Les ${count(listed)} premiers sur ${count(all)} figurent ici avant l’import, tous après.`,
  loading: 'Lecture des constats…',
  failed: 'Les constats n’ont pas pu être lus',
  show: 'Afficher dans le texte',
  showAt: (split, line) => `Afficher dans le texte : ${split}, ligne ${count(line)}`,
  wholeFile: 'tout le fichier',
  planned: 'Correction prévue',
  titles,
  reasons,
  remedies,
};

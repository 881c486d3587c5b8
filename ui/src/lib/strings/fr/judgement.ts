// What the scores mean, and what to do next.

import { count, score } from '../../format';
import type { judgement as en } from '../en/judgement';
import { form, inWords, many } from './words';

export const judgement: typeof en = {
  title: 'Ce que disent les scores',
  nothing: (predicted) =>
    predicted === 0
      ? 'Il n’a encore rien appris : il ne trouve aucune entité.'
      : predicted === 1
        ? 'Il n’a encore rien appris : la seule entité qu’il trouve est erronée.'
        : `Il n’a encore rien appris : aucune des ${count(predicted)} entités qu’il trouve n’est correcte.`,
  foreign: (labels, entities, all) =>
    `Le modèle ne connaît pas ${inWords(labels)} : il ne peut trouver ${
      entities < all ? `${count(entities)} des ${count(all)} entités` : 'aucune des entités'
    } de ces documents.`,
  noEntities: 'Il n’y a rien à évaluer : ces documents n’ont pas d’entités annotées.',
  headline: (f1, [low, high], against, hasCopies) => {
    const but = against.length ? `, mais ${inWords(against)}` : '';
    const whole = (value: number) => String(Math.round(value * 100));
    return hasCopies
      ? `F1 ${score(f1)}${but} : attendez-vous à moins sur un texte nouveau.`
      : `F1 ${score(f1)}${but} : sur un texte nouveau de ce genre, attendez-vous à un score de ${whole(low)} à ${whole(high)}.`;
  },
  early: (step, steps) => `l’entraînement a été arrêté à l’étape ${count(step)} sur ${count(steps)}`,
  few: (entities) =>
    form(
      entities,
      `seulement ${count(entities)} entité a été évaluée`,
      `seulement ${count(entities)} entités ont été évaluées`,
    ),
  copies: (documents, all) =>
    `${count(documents)} sur ${many(all, 'document', 'documents')} ${form(documents, 'est', 'sont')} (presque) aussi dans train`,
  unknown: (labels) => `le modèle ne connaît pas ${labels.join(', ')}`,
  oneLabel: (label, without) => `${label} le tire vers le bas (sans elle : ${score(without)})`,
  weakest: (label, f1) => `Étiquette la plus faible : ${label}, F1 ${score(f1)}`,
  weakestKind: {
    missed: (number) => many(number, 'manquée', 'manquées'),
    spurious: (number) => many(number, 'fausse alerte', 'fausses alertes'),
    boundary: (number) => `${count(number)} aux limites erronées`,
    label: (number, other) => `${many(number, 'confondue', 'confondues')} avec une autre étiquette, surtout ${other}`,
  },
  ofMistakes: (mistakes, kind) => `${many(mistakes, 'erreur', 'erreurs')} : ${kind}`,
  show: 'Afficher ses erreurs',
  merge: 'Afficher les étiquettes',
  next: 'Que faire ensuite',
  advice: {
    early: 'Reprenez l’entraînement, et jugez le modèle quand il sera terminé.',
    nothing:
      'Vérifiez dans Données que les étiquettes sont correctes, puis entraînez plus longtemps ou avec un taux d’apprentissage plus élevé.',
    noEntities: 'Évaluez un sous-ensemble qui a des entités annotées.',
    few: (enough) =>
      `Annotez davantage de documents de test : avec environ ${many(enough, 'entité', 'entités')}, F1 est connu à 5 près.`,
    copies: 'Déplacez les copies vers train (Données, Constats), ou répartissez de nouveau ; puis entraînez à nouveau.',
    unknown:
      'Si ces étiquettes signifient la même chose que celles du modèle, renommez-les dans Données. Sinon, entraînez un modèle sur ces données.',
    missed: (label) => `Ajoutez à train des exemples de ${label}.`,
    spurious: (label) =>
      `Vérifiez que ${label} est annotée partout où elle apparaît, et ajoutez des textes qui n’en contiennent pas.`,
    boundary: (label) => `Décidez où ${label} commence et finit, et annotez-la ainsi partout.`,
    label: (label, other) => `Décidez ce qui distingue ${label} de ${other}, et annotez les deux selon la même règle.`,
    same: (label, other) =>
      `${label} et ${other} sont une même étiquette écrite de deux façons : fusionnez-les dans Données, Étiquettes, puis entraînez à nouveau.`,
    good: 'Essayez-le sur votre propre texte dans Surligner.',
  },
  worst: 'À regarder en premier',
  worstAbout:
    'Les erreurs dont le modèle est le plus sûr : soit il comprend mal quelque chose, soit les étiquettes sont erronées.',
  sure: (value) => `sûr à ${score(value)} %`,
};

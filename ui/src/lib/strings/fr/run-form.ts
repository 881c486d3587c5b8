// The form of a new run.

import type { Reason, SettingField } from '../../client/contracts';
import { count, planned, small } from '../../format';
import type { runForm as en } from '../en/run-form';
import { inWords, many } from './words';

/** Why the engine chose a value. */
const REASONS: Record<Reason, string> = {
  'small-model': 'avec les faibles taux des grands modèles, les petits apprennent peu de quelques centaines d’exemples',
  'small-model-large-set': 'un petit modèle a des milliers d’exemples pour apprendre et n’est pas pressé',
  'embeds-sentences':
    'avec les taux de BERT, les modèles de plongement de phrases apprennent peu de quelques centaines d’exemples',
  'base-model': 'le haut de ce que les auteurs de BERT recommandent pour cette taille',
  'large-model': 'les grands modèles perdent ce qu’ils savent à des taux plus élevés',
  'lora-rate': 'LoRA apprend le mieux avec jusqu’à dix fois le taux d’un affinage complet',
  'crf-rate': 'les transitions partent de 0 et changent à peine avec les taux d’un encodeur',
  'small-batches': 'un petit jeu donne ainsi plus d’étapes',
  'large-batches': 'le jeu est assez grand pour des étapes plus stables',
  'adaptive-schedule': 'le taux est maintenu tant que le F1 sur dev monte, puis descend à 0',
  'epochs-set': 'le nombre d’époques est fixé',
  'read-often': 'un petit jeu est lu souvent, tant que le F1 sur dev monte',
  'read-few-times': 'un jeu aussi grand s’apprend en quelques lectures',
  'enough-steps': 'de quoi faire plusieurs centaines d’étapes',
  'rate-does-not-fall': 'le taux d’apprentissage ne baisse pas de lui-même',
  'last-gains': 'les derniers gains viennent pendant que le taux d’apprentissage baisse',
  'held-out-needed': 'un petit jeu a besoin des documents mis de côté pour savoir combien de temps entraîner',
  'lower-layers': 'quelques centaines d’exemples devraient peu changer ce que savent les couches basses',
  'twice-the-rank': 'le double du rang est usuel',
  'varied-examples':
    'le modèle apprend plus de quelques centaines d’exemples avec leurs variantes : autres entités, autres mots',
  'enough-examples': 'le jeu est assez grand sans variantes de ses exemples',
  'rare-labels': 'les étiquettes qui ont peu d’exemples s’apprennent si elles sont lues plus souvent',
};

/** Upper bounds from here on only keep out nonsense. */
const NO_BOUND = 1000;

function rangeOf({ kind, example }: SettingField): string {
  if (kind.kind !== 'number') return 'une valeur valable';
  const { whole, min, above, below, closed } = kind;
  const number = whole ? 'un nombre entier' : 'un nombre';
  const such = example === null ? '' : `, par exemple ${small(Number(example))}`;
  if (below === null || (below >= NO_BOUND && !closed)) return `${number} à partir de ${small(min)}${such}`;
  if (above) return `${number} entre ${small(min)} et ${small(below)}${such}`;
  return `${number} de ${small(min)} à ${small(below)}${closed ? '' : ' exclu'}${such}`;
}

export const runForm: typeof en = {
  often: {
    label: 'Combien de fois',
    kinds: { once: 'Une fois', seeds: 'Plusieurs graines', search: 'Chercher des réglages' },
    seeds: 'Graines',
    trials: 'Essais',
    seedsAbout: (seeds) =>
      `Le seul hasard fait varier un score. Le même entraînement est fait ${count(seeds)} fois, chaque fois avec une autre graine : vous obtenez la moyenne et l’écart, et le modèle de l’entraînement médian.`,
    combine: 'Modèle final',
    combines: {
      '': 'Celui de l’entraînement médian',
      average: 'Moyenne des poids de tous',
      ensemble: 'Ensemble de tous les modèles',
    },
    combinesAbout: {
      '': 'De l’entraînement médian selon le F1 sur dev, ni le plus chanceux ni le pire.',
      average:
        'Un seul modèle, aussi grand et aussi rapide que chacun. Tous les entraînements partent alors des mêmes poids.',
      ensemble:
        'Tous les modèles sont interrogés à chaque fois : en général le plus exact, et d’autant plus lent et plus grand.',
    },
    searchAbout: (trials) =>
      `${count(trials)} combinaisons de réglages sont essayées, la plupart en entraînements courts ; les meilleures continuent. La gagnante est ensuite comparée aux réglages par défaut, avec trois graines pour chacune.`,
    space: 'Réglages qui participent',
    spaceWaiting: 'Choisissez un modèle et un jeu de données pour voir ce qui est exploré.',
    spaceNone: 'Tous ces réglages ont une valeur que vous avez fixée, il n’y a donc rien à chercher. Videz l’un d’eux.',
    setByYou: 'Les réglages que vous avez remplis restent tels quels.',
    from: (low, high) => `de ${small(low)} à ${small(high)}`,
    list: (values) => values.join(', '),
    choose: 'Choisissez au moins un réglage qui participe.',
    seedsRange: 'un nombre entier de 2 à 100',
    trialsRange: 'un nombre entier de 2 à 1000',
    noDev:
      'Ce jeu de données n’a pas de jeu de validation (dev) : les réglages sont comparés sur des documents d’entraînement mis de côté. Avec peu de documents, c’est surtout du hasard.',
  },
  notReady: 'Choisissez d’abord un modèle et un jeu de données.',
  obstacle: (title, expected) => `${title} : ${expected.charAt(0).toLowerCase()}${expected.slice(1)}.`,
  deviceRefused: 'Choisissez un autre appareil : celui-ci n’est pas utilisé.',
  copiedFrom: (name) => `Avec les réglages de « ${name} ».`,
  highRate: 'Inhabituellement élevé : l’entraînement peut diverger et ne rien apprendre. De 5e-5 à 1e-3 est usuel.',
  noTrain: (data) =>
    `« ${data} » ne contient rien à apprendre : il n’a pas de sous-ensemble train. Redécoupez-le dans Données, ou importez les fichiers à nouveau, en choisissant train pour l’un d’eux.`,
  noLabels: (data) =>
    `« ${data} » n’a pas d’entités annotées dans son jeu d’entraînement, il n’y a donc rien à apprendre. Choisissez des données annotées, ou étiquetez ces textes avec un modèle que vous avez.`,
  tagInstead: 'Les étiqueter avec un modèle',
  openFindings: (number) => `${many(number, 'constat ouvert', 'constats ouverts')} dans ces données.`,
  name: 'Nom de l’entraînement',
  model: 'Modèle de départ',
  modelHelp: 'Un modèle préentraîné qui connaît déjà la langue. Les plus grands sont plus exacts et plus lents.',
  data: 'Jeu de données',
  noModel: 'Choisir un modèle…',
  noData: 'Choisir des données…',
  automatic: 'automatique',
  yes: 'oui',
  no: 'non',
  advanced: 'Réglages avancés',
  changed: (number) => many(number, 'changement', 'changements'),
  resetAll: 'Valeurs par défaut',
  chosen: (value) => (value === undefined ? 'automatique' : `automatique : ${value}`),
  plan: ({ epochs, most_epochs, is_refitted, windows, is_counted, steps, runs, seconds }, documents, often) => {
    const bound = most_epochs > epochs ? ` (${count(most_epochs)} au plus, tant que le F1 sur dev monte)` : '';
    const over =
      is_counted && windows !== documents
        ? `${many(windows, 'fenêtre', 'fenêtres')} de ${many(documents, 'document', 'documents')}, ajouts et répétitions compris`
        : many(documents, 'document', 'documents');
    const one = `${many(epochs, 'époque', 'époques')}${bound} sur ${over}${is_refitted ? ', d’abord sur une partie, puis de nouveau sur tout' : ''}, ${many(steps, 'étape', 'étapes')}`;
    const work =
      often === 'seeds'
        ? `${many(runs, 'entraînement', 'entraînements')}, chacun de ${one}`
        : often === 'search'
          ? `${many(runs, 'entraînement', 'entraînements')}, dont de courts ; un complet fait ${one}`
          : one;
    return seconds === null
      ? `${often === 'once' ? 'Environ ' : ''}${work}. La durée sera connue après les premières étapes.`
      : `Environ ${planned(seconds, epochs, most_epochs)}, d’après votre dernier entraînement avec ce modèle : ${work}.`;
  },
  why: ({ reason, why }) => (reason ? REASONS[reason] : why),
  atMost: (epochs) => `max. ${count(epochs)}`,
  schedules: { adaptive: 'adaptative', linear: 'linéaire', cosine: 'cosinus', constant: 'constante' },
  range: rangeOf,
  seedRange: 'un nombre entier à partir de 0',
  operations: {
    'mention-replacement': 'mention remplacée',
    'token-replacement': 'mot remplacé',
    'segment-shuffling': 'ordre changé',
    'word-dropout': 'mot retiré',
    'case-noise': 'casse changée',
    'typo-noise': 'fautes de frappe',
  },
  planWhy: 'Ce qui a été choisi, et pourquoi',
  planChange: 'Remplissez un champ pour choisir autrement.',
  expected: (what, orNothing = false) => `Saisissez ${what}${orNothing ? ', ou laissez vide' : ''}`,
  methods: 'Choisi par vous :',
  noMethods:
    'Rien de plus qu’un affinage simple : l’aide aux étiquettes rares, l’augmentation et le reste se trouvent sous Réglages avancés, et rien de cela n’aide tous les jeux de données.',
  groups: {
    length: {
      title: 'Fenêtre et chevauchement',
      about: 'Comment les longs textes sont découpés, et ce qui est mis de côté.',
    },
    optimiser: {
      title: 'Optimiseur',
      about: 'Comment évolue le taux d’apprentissage, et quand l’entraînement se termine.',
    },
    head: {
      title: 'Tête',
      about: 'Des tags appris en séquences. Souvent plus exact ; seul Tagsmith en lit tout.',
    },
    balance: {
      title: 'Étiquettes rares',
      about: 'Pour des étiquettes avec peu d’exemples, ou des textes presque sans entités.',
    },
    regularisation: {
      title: 'Régularisation',
      about: 'Contre le surapprentissage, pour les petits jeux et les grands modèles.',
    },
    augmentation: { title: 'Augmentation', about: 'Davantage de documents d’entraînement, faits des vôtres.' },
    adapter: {
      title: 'Adaptateur (LoRA)',
      about: 'Entraîne un petit ajout et laisse le modèle lui-même tel quel : moins de mémoire.',
    },
    labels: { title: 'Étiquettes du modèle de départ', about: 'Pour un modèle qui trouve déjà des entités.' },
    memory: { title: 'Mémoire et vitesse', about: 'Précision numérique, lots et points de contrôle.' },
    scoring: { title: 'Tags', about: 'Comment les entités sont écrites et décodées.' },
  },
  augmentation: {
    show: 'Afficher dix exemples',
    needsData: 'Choisissez d’abord un jeu de données.',
    title: 'Exemples de documents ajoutés',
    about:
      'Faits de documents d’entraînement avec les réglages actuels. Un entraînement en ajoute autant que le dit « Documents ajoutés ».',
    list: 'Documents ajoutés',
    loading: 'Création d’exemples',
    failed: 'Les exemples n’ont pas pu être créés',
    none: 'Avec ces réglages, aucun document ne serait changé.',
  },
  mentions: {
    pick: 'Choisir un fichier…',
    other: 'En choisir un autre…',
    none: 'Aucune liste',
    drop: 'Retirer la liste',
    loading: 'Lecture de la liste…',
    holds: (mentions, labels) =>
      `${many(mentions, 'mention', 'mentions')} avec ${many(labels, 'étiquette', 'étiquettes')}`,
    unknown: (labels) =>
      `Le jeu d’entraînement n’a pas ${inWords(labels)} : ${labels.length === 1 ? 'ses' : 'leurs'} mentions ne sont pas utilisées.`,
    label: 'Étiquette',
    number: 'Mentions',
    examples: 'Par exemple',
    failed: 'Cette liste ne peut pas être utilisée',
    unused: 'La liste est utilisée dès que « Documents ajoutés » dépasse 0.',
  },
  leftEmpty: (choice) => `Laissé vide : ${choice}.`,
  halfAtMost: (most) => `un nombre entier de 0 à ${most}, la moitié de la longueur de fenêtre`,
  layersAtMost: (most) => `un nombre entier de 0 à ${most}, les couches du modèle`,
};

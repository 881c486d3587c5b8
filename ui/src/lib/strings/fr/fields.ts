// The settings of a run.

import type { Fields } from '../en/fields';

export const fields: Fields = {
  epochs: {
    title: 'Époques',
    help: 'Passages sur les données d’entraînement. Laissé vide : autant qu’il en faut.',
    automatic: 'tant que le F1 sur dev monte, 30 au plus ; moins pour les grands jeux',
  },
  batch_size: {
    title: 'Taille de lot',
    help: 'Fenêtres (séquences) dans une passe avant. Des lots plus petits demandent moins de mémoire, de plus grands sont plus stables.',
    unit: 'fenêtres',
    automatic: '8 pour les petits jeux, 16 pour les grands',
  },
  learning_rate: {
    title: 'Taux d’apprentissage',
    help: 'Le taux d’apprentissage le plus élevé. S’il est trop élevé, l’entraînement diverge ; s’il est trop faible, le modèle apprend peu.',
    automatic:
      'selon la taille du modèle : 3e-4 pour les petits (1e-4 si le jeu est grand), 5e-5 pour ceux de la taille de BERT base (1e-4 s’ils sont faits pour les plongements de phrases et que le jeu est petit), 2e-5 pour les grands ; dix fois plus avec LoRA, 1e-3 au plus',
  },
  device: {
    title: 'Appareil',
    help: 'L’appareil qui calcule. Un GPU est bien plus rapide que le processeur ; un GPU dont les calculs sont faux n’est jamais utilisé.',
  },
  max_length: {
    title: 'Longueur de fenêtre',
    help: 'Le plus long morceau de texte que le modèle lit d’un coup. Les documents plus longs sont lus en plusieurs fenêtres ; rien n’est perdu.',
    unit: 'tokens',
  },
  overlap: {
    title: 'Chevauchement des fenêtres',
    help: 'Combien de tokens les fenêtres voisines d’un long document ont en commun (stride).',
    unit: 'tokens',
    automatic: 'un quart de la longueur de fenêtre',
  },
  context: {
    title: 'Contexte',
    help: 'Combien de tokens avant une phrase, et combien après, le modèle lit avec elle, dans le même document : phrases entre des lignes -DOCSTART- de fichiers CoNLL, enregistrements du même groupe. Ils ne sont pas évalués. 64 est un bon nombre pour des phrases courtes ; 0 pour aucun.',
    unit: 'tokens',
  },
  refit: {
    title: 'Réentraîner sur tout',
    help: 'Quand une partie des données d’entraînement est mise de côté : une fois qu’elle a montré combien de temps entraîner, l’entraînement recommence sur tout. Les scores sur dev sont ceux de la première moitié.',
    automatic: 'pour les petits jeux de données sans jeu de validation (dev)',
  },
  schedule: {
    title: 'Évolution du taux d’apprentissage',
    help: 'Comment le taux d’apprentissage baisse après l’échauffement.',
    automatic: 'adaptative si le nombre d’époques est laissé libre, linéaire s’il est fixé',
    choices: {
      adaptive: 'maintenu tant que le F1 sur dev monte, puis linéaire vers 0',
      linear: 'linéaire vers 0',
      cosine: 'cosinus vers 0',
      constant: 'constant',
    },
  },
  warmup_ratio: {
    title: 'Échauffement (part des étapes)',
    help: 'La part des étapes pendant laquelle le taux d’apprentissage monte depuis 0 (warm-up).',
  },
  weight_decay: {
    title: 'Weight decay',
    help: 'Tire les poids vers 0, ce qui réduit le surapprentissage. Les biais et LayerNorm sont exclus.',
  },
  max_grad_norm: {
    title: 'Gradient clipping (norme max.)',
    help: 'Les gradients de norme supérieure y sont ramenés ; 0 pour aucune limite.',
  },
  dropout: {
    title: 'Dropout',
    help: 'La part des valeurs omises au hasard pendant l’entraînement.',
    automatic: 'comme dans la configuration du modèle',
  },
  frozen_layers: {
    title: 'Couches gelées',
    help: 'Les plongements et ce nombre de couches basses ne sont pas entraînés : plus rapide, avec moins de mémoire, et en général moins exact. 0 entraîne tout.',
  },
  early_stopping_patience: {
    title: 'Patience (arrêt anticipé)',
    help: 'L’entraînement se termine si le F1 sur dev n’a pas monté pendant ce nombre d’époques ; 0 pour jamais.',
    unit: 'époques',
    automatic: 'jamais si le taux d’apprentissage descend à 0, 6 sinon',
  },
  seed: {
    title: 'Graine',
    help: 'Fixe tout ce qui est aléatoire : la nouvelle tête, l’ordre des données, le dropout, ce qui est mis de côté. Les mêmes graine, données et réglages donnent le même modèle.',
  },
  crf: {
    title: 'Apprendre les transitions (CRF)',
    help: 'Apprend quel tag suit quel autre, avec un champ aléatoire conditionnel (CRF) linéaire sur les tags des mots, et juge ensemble les tags d’un texte. Les transitions forment un fichier à part dans le dossier du modèle, que les autres programmes ignorent. Il a sa propre perte : les poids de classes, un poids de O, d’autres pertes et le lissage ne se combinent donc pas avec lui.',
  },
  crf_learning_rate: {
    title: 'Taux d’apprentissage du CRF',
    help: 'Le taux le plus élevé des transitions du CRF, qui bougent à peine à celui d’un encodeur. Il monte et descend comme celui de l’entraînement.',
    automatic: '100 fois le taux de l’entraînement',
  },
  precision: {
    title: 'Précision numérique',
    help: 'La précision dans laquelle le modèle calcule ; ses poids restent en 32 bits. Les 16 bits sont plus rapides et demandent deux fois moins de trafic mémoire sur les appareils faits pour. Automatique ne les prend que si l’appareil y a réussi son test.',
    choices: { auto: 'automatique', f32: '32 bits', bf16: '16 bits (bf16)', f16: '16 bits (f16)' },
  },
  moments: {
    title: 'État de l’optimiseur',
    help: 'La précision des moments de l’optimiseur, deux nombres par poids. bf16 les réduit de moitié, avec arrondi stochastique ; ceux des sous-mots restent en 32 bits, comme tous sur un GPU.',
    choices: { f32: '32 bits', bf16: '16 bits (bf16)' },
  },
  gradient_accumulation: {
    title: 'Accumulation de gradients',
    help: 'Lots dont les gradients sont sommés avant que les poids changent : un lot plus grand sans plus de mémoire.',
    unit: 'lots',
  },
  gradient_checkpointing: {
    title: 'Économiser la mémoire (plus lent)',
    help: 'Garde moins de chaque passe avant et la recalcule dans la passe arrière (gradient checkpointing).',
  },
  eval_batch_size: {
    title: 'Taille de lot d’évaluation',
    help: 'Fenêtres dans un lot d’évaluation. Ne change que la vitesse et la mémoire, jamais les scores.',
    unit: 'fenêtres',
  },
  checkpoint_minutes: {
    title: 'Intervalle des points de contrôle',
    help: 'Le temps entre deux points de contrôle, d’où un entraînement peut repartir. Il en est aussi écrit un après la première époque, et après d’autres quand un dixième de ce temps a passé.',
    unit: 'minutes',
  },
  class_weights: {
    title: 'Poids des classes',
    help: 'Combien comptent les mots de chaque étiquette dans la perte : tous autant, selon l’inverse de leur nombre dans le jeu d’entraînement, ou selon l’inverse de leur nombre effectif. Les poids restent entre 0,05 et 20.',
    choices: { none: 'tous autant', inverse: 'fréquence inverse', effective: 'nombre effectif d’exemples' },
  },
  outside_weight: {
    title: 'Poids de O',
    help: 'Multiplie le poids des mots hors de toute entité, qui ont le tag O.',
    automatic: 'selon les poids des classes',
  },
  loss: {
    title: 'Perte',
    help: 'Ce que l’entraînement minimise. La perte focale donne moins de poids aux mots dont le bon tag est déjà probable ; dice est la perte dice auto-ajustée. La perte sur dev est toujours l’entropie croisée.',
    choices: { 'cross-entropy': 'entropie croisée', focal: 'focale', dice: 'dice' },
  },
  focal_gamma: {
    title: 'Gamma (focale)',
    help: 'L’exposant de la perte focale : plus il est élevé, moins pèsent les mots dont le bon tag est déjà probable. Les autres pertes ne l’utilisent pas.',
  },
  label_smoothing: {
    title: 'Lissage des étiquettes',
    help: 'La part de la cible de chaque mot répartie également sur tous les tags. Réservé à l’entropie croisée.',
  },
  resampling: {
    title: 'Rééchantillonnage',
    help: 'Répète les fenêtres aux étiquettes rares au cours d’une époque, jusqu’à dix fois ; l’étiquette la plus rare d’une fenêtre décide combien.',
    automatic: 'répéter les étiquettes rares pour les petits jeux',
    choices: { none: 'aucun', 'repeat-factor': 'répéter les étiquettes rares' },
  },
  resampling_threshold: {
    title: 'Seuil de rééchantillonnage',
    help: 'Une étiquette est rare si moins de fenêtres que cette part l’ont. Une fenêtre dont l’étiquette la plus rare est dans une part f des fenêtres apparaît √(seuil / f) fois.',
    automatic: 'la médiane des parts des étiquettes',
  },
  empty_documents: {
    title: 'Fenêtres sans entités',
    help: 'La part des fenêtres sans aucune entité qu’a une époque, tirée de nouveau à chaque époque ; 1 pour toutes.',
  },
  head_dropout: {
    title: 'Dropout avant la tête',
    help: 'La part des valeurs omises au hasard avant la tête de classification.',
    automatic: 'comme le dropout, ou comme dans la configuration du modèle',
  },
  layer_decay: {
    title: 'Baisse du taux par couche',
    help: 'Chaque couche a le taux d’apprentissage de celle du dessus multiplié par cette valeur ; la tête a le taux entier, les plongements le plus bas. 1 pour un seul taux.',
    automatic: '0,9 pour les petits jeux, 1 pour les grands et avec LoRA',
  },
  reinitialized_layers: {
    title: 'Couches réinitialisées',
    help: 'Autant de couches hautes commencent avec des poids aléatoires : ce qu’elles ont appris au préentraînement aide peu les autres tâches.',
  },
  pretrained_decay: {
    title: 'Attraction vers les poids préentraînés',
    help: 'Tire les poids de l’encodeur vers ceux du départ, au lieu de 0 (L2-SP), multiplié par le taux d’apprentissage. Agit à partir d’environ 1. 0 pour aucun.',
  },
  mixout: {
    title: 'Mixout',
    help: 'La part des poids des couches linéaires de l’encodeur qu’une étape remplace au hasard par les préentraînés ; 0 pour aucun.',
  },
  gradual_unfreezing: {
    title: 'Dégel progressif',
    help: 'D’abord, seule la tête est entraînée, puis, après chaque fois ce nombre d’époques, une couche de plus, du haut vers les couches gelées ; les plongements viennent avec la couche la plus basse. 0 entraîne tout dès le début.',
    unit: 'époques',
  },
  ema_decay: {
    title: 'Moyenne des poids',
    help: 'Une moyenne mobile exponentielle des poids est évaluée et enregistrée à la place des derniers : la part qu’en garde une étape, moins dans les premières. Elle demande autant de mémoire que les poids. 0 pour aucune.',
  },
  r_drop: {
    title: 'R-Drop',
    help: 'Combien compte le désaccord de deux passes de dropout différent sur un mot. L’entraînement prend deux fois le temps et la mémoire de ses lots. 0 pour une seule passe.',
  },
  augment: {
    title: 'Documents ajoutés',
    help: 'Combien de documents sont créés à partir de ceux du jeu d’entraînement et y sont ajoutés, en proportion de celui-ci : 0 pour aucun, 1 pour encore autant. Dev et test restent tels quels.',
    automatic: '1 pour les petits jeux, 0 pour les grands',
  },
  mention_replacement: {
    title: 'Remplacement de mentions',
    help: 'Dans un document ajouté : la probabilité qu’une entité soit remplacée par une autre de même étiquette.',
  },
  augment_mentions: {
    title: 'Liste de mentions',
    help: 'Un fichier avec d’autres mentions pour cela, une par ligne : l’étiquette, une tabulation et la mention, ou du JSON avec label et mention.',
    automatic: 'seulement celles du jeu d’entraînement',
  },
  token_replacement: {
    title: 'Remplacement de mots',
    help: 'Dans un document ajouté : la probabilité qu’un mot soit remplacé par un autre qui a le même tag dans le jeu d’entraînement.',
  },
  segment_shuffling: {
    title: 'Mélange',
    help: 'Dans un document ajouté : la probabilité que les mots d’une entité, ou ceux entre deux entités, changent d’ordre.',
  },
  word_dropout: {
    title: 'Mots retirés',
    help: 'Dans un document ajouté : la probabilité qu’un mot hors des entités soit retiré.',
  },
  case_noise: {
    title: 'Changements de casse',
    help: 'La probabilité qu’un document ajouté soit tout en majuscules, tout en minuscules, ou ait une majuscule à chaque mot.',
  },
  typo_noise: {
    title: 'Fautes de frappe',
    help: 'Dans un document ajouté : la probabilité qu’un mot reçoive une faute de frappe.',
  },
  lora_rank: {
    title: 'Rang de LoRA',
    help: 'Au lieu de tous les poids, entraîne une paire de matrices de ce rang à côté de ceux de chaque couche linéaire, et la tête : bien moins de mémoire pour les gradients et l’optimiseur. 0 entraîne tous les poids ; 8 ou 16 sont usuels.',
  },
  lora_alpha: {
    title: 'Alpha de LoRA',
    help: 'La force de l’adaptateur : ce qu’il calcule est multiplié par alpha / rang.',
    automatic: 'le double du rang',
  },
  lora_dropout: {
    title: 'Dropout de LoRA',
    help: 'La part de l’entrée d’un adaptateur omise au hasard pendant l’entraînement.',
  },
  lora_targets: {
    title: 'Cibles de LoRA',
    help: 'Les couches linéaires qui reçoivent un adaptateur. Toutes apprennent le plus ; query et value demandent le moins de mémoire.',
    choices: {
      'query-value': 'query et value',
      attention: 'toute l’attention',
      'all-linear': 'toutes les couches linéaires',
    },
  },
  head_start: {
    title: 'Départ de la tête',
    help: 'Si le modèle trouve déjà des entités : les étiquettes des données qu’il connaît, sous le même nom ou un autre usuel comme PER pour PERSON, partent de ce qu’il en sait, ou toutes partent de nombres aléatoires.',
    choices: {
      auto: 'des anciennes étiquettes si les noms s’accordent',
      fresh: 'de nombres aléatoires',
      'old-labels': 'des anciennes étiquettes',
    },
  },
  keep_labels: {
    title: 'Garder les anciennes étiquettes',
    help: 'Si le modèle trouve déjà des entités : les étiquettes que les données n’annotent pas restent. Le modèle étiquette d’abord les données, et ce qu’il trouve de ces étiquettes est appris avec ce qui est annoté.',
  },
  scheme: {
    title: 'Schéma de tags',
    help: 'Comment les entités sont écrites en tags dans les sorties du modèle.',
    choices: { iob2: 'IOB2', iob1: 'IOB1', io: 'IO', bioes: 'BIOES', bilou: 'BILOU', bmes: 'BMES' },
  },
  decoding: {
    title: 'Décodage',
    help: 'Comment les tags sont choisis à l’évaluation : Viterbi prend la meilleure suite que le schéma permet, argmax le meilleur tag de chaque mot.',
    choices: { viterbi: 'Viterbi', argmax: 'argmax' },
  },
};

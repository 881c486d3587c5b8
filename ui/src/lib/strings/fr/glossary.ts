// The glossary of the help.

import type { glossary as en } from '../en/glossary';

export const glossary: typeof en = {
  annotator: {
    term: 'Annotateur',
    about:
      'Une personne qui a annoté des textes. Si plusieurs ont annoté les mêmes, Tagsmith montre à quel point elles sont d’accord, et vous choisissez lesquelles comptent.',
  },
  augmentation: {
    term: 'Augmentation',
    about:
      'Des documents d’entraînement supplémentaires, tirés des vôtres, par exemple avec d’autres noms. Cela peut aider quand les documents sont peu nombreux.',
  },
  batch: {
    term: 'Lot (batch)',
    about:
      'Les fenêtres qui traversent ensemble le modèle en une étape. Les grands lots sont plus réguliers et demandent plus de mémoire.',
  },
  bio: {
    term: 'BIO (schéma de tags)',
    about:
      'Une façon d’écrire les entités avec un tag par mot : B- commence une entité, I- la continue, O est en dehors. D’autres schémas, comme BIOES, signalent aussi le dernier mot.',
  },
  checkpoint: {
    term: 'Point de contrôle (checkpoint)',
    about:
      'L’état complet d’un entraînement, enregistré de temps en temps. Un entraînement arrêté reprend à son dernier point de contrôle.',
  },
  confidence: {
    term: 'Confiance',
    about: 'La certitude du modèle au sujet d’une entité, en pourcentage. Une confiance élevée n’est pas une garantie.',
  },
  confusion: {
    term: 'Matrice de confusion',
    about:
      'Un tableau qui compte quelle étiquette a été prédite pour quelle autre. Seul ce qui est sur la diagonale est correct.',
  },
  conll: {
    term: 'CoNLL',
    about: 'Un format de texte avec un mot et son tag par ligne, et une ligne vide après chaque phrase.',
  },
  'dev-set': {
    term: 'Jeu de validation (dev)',
    about:
      'Des documents qui ne servent pas à apprendre, mais sont évalués après chaque époque pour choisir le meilleur modèle. On l’appelle aussi jeu de développement.',
  },
  'early-stopping': {
    term: 'Arrêt anticipé',
    about:
      'L’entraînement se termine de lui-même quand le F1 sur dev n’a pas monté pendant quelques époques. Le meilleur modèle obtenu est conservé.',
  },
  entity: {
    term: 'Entité',
    about: 'Un passage de texte qui porte une étiquette : un nom, un produit, une date, ou ce que vous voulez trouver.',
  },
  epoch: {
    term: 'Époque',
    about:
      'Un passage sur tous les documents d’entraînement. Les petits jeux de données demandent plus d’époques que les grands.',
  },
  f1: {
    term: 'F1',
    about:
      'Un seul nombre pour la précision et le rappel, de 0 à 100 ; il n’est élevé que si les deux le sont. Une entité n’est correcte que si son étiquette et ses limites le sont.',
  },
  'false-alarm': {
    term: 'Fausse alerte',
    about: 'Une entité que le modèle prédit là où aucune n’est annotée. Les fausses alertes abaissent la précision.',
  },
  'fine-tuning': {
    term: 'Affinage (fine-tuning)',
    about:
      'Entraîner davantage un modèle préentraîné pour une tâche, ici trouver vos entités. Cela demande bien moins de données et de temps que de partir de rien.',
  },
  'hugging-face-folder': {
    term: 'Dossier Hugging Face',
    about:
      'Un dossier avec un modèle tel que le paquet transformers l’enregistre : config.json, les poids et le tokeniseur. Tagsmith lit et écrit de tels dossiers.',
  },
  hub: {
    term: 'Hugging Face Hub',
    about:
      'Le site d’où l’on télécharge les modèles préentraînés. Une fois un modèle ici, Tagsmith fonctionne sans lui.',
  },
  jsonl: {
    term: 'JSONL',
    about: 'Un fichier texte avec un enregistrement JSON par ligne, ici un document avec ses entités.',
  },
  label: {
    term: 'Étiquette',
    about: 'Le genre d’une entité, comme PERSON ou PRODUCT. C’est vous qui décidez des étiquettes.',
  },
  'learning-rate': {
    term: 'Taux d’apprentissage',
    about:
      'L’ampleur du changement des poids à chaque étape. S’il est trop élevé, l’entraînement diverge ; s’il est trop faible, le modèle apprend peu.',
  },
  lora: {
    term: 'LoRA',
    about: 'Entraîne un petit ajout au modèle et laisse le modèle lui-même inchangé, ce qui demande moins de mémoire.',
  },
  loss: {
    term: 'Perte',
    about:
      'L’écart entre les prédictions et les annotations pendant l’entraînement. Elle doit baisser ; sa valeur seule ne dit pas grand-chose.',
  },
  missed: {
    term: 'Entité manquée',
    about: 'Une entité annotée que le modèle n’a pas trouvée. Les entités manquées abaissent le rappel.',
  },
  'near-duplicate': {
    term: 'Quasi-doublon',
    about:
      'Un document dont le texte est presque celui d’un autre. Si l’un est dans train et l’autre dans test, le score de test est trop bon.',
  },
  offset: {
    term: 'Position (offset)',
    about:
      'Le numéro d’un caractère dans un texte, compté à partir de 0 ; une entité est enregistrée par les positions de son début et de sa fin. Certains programmes comptent des octets ou des unités UTF-16.',
  },
  overfitting: {
    term: 'Surapprentissage',
    about:
      'Le modèle apprend par cœur ses documents d’entraînement au lieu de la règle qu’ils suivent. Tout va alors bien sur train, mais pas sur dev.',
  },
  precision: {
    term: 'Précision',
    about: 'Le pourcentage des entités prédites qui sont correctes. Elle est faible si le modèle en marque trop.',
  },
  'pretrained-model': {
    term: 'Modèle préentraîné',
    about:
      'Un modèle qui a lu énormément de textes et connaît donc une langue, mais encore aucune tâche. C’est le point de départ de l’entraînement.',
  },
  pretraining: {
    term: 'Préentraînement',
    about:
      'Apprendre à partir de textes sans étiquettes en devinant des mots cachés. Cela peut préparer un modèle à la langue de votre domaine.',
  },
  recall: {
    term: 'Rappel',
    about:
      'Le pourcentage des entités annotées qui ont été trouvées. Il est faible si le modèle en laisse échapper beaucoup.',
  },
  run: {
    term: 'Entraînement',
    about: 'Un apprentissage du début à la fin, avec ses réglages, son historique, ses scores et son modèle.',
  },
  seed: {
    term: 'Graine',
    about:
      'Un nombre qui fixe tout ce qui est aléatoire. La même graine, les mêmes données et réglages donnent le même modèle ; d’autres graines montrent la part du hasard.',
  },
  split: {
    term: 'Sous-ensemble (split)',
    about:
      'Une partie d’un jeu de données : entraînement (train), validation (dev) ou test. Aucun texte ne devrait figurer dans deux d’entre elles.',
  },
  step: {
    term: 'Étape',
    about: 'Une modification des poids, après un lot. Une époque compte autant d’étapes qu’il y a de lots.',
  },
  'test-set': {
    term: 'Jeu de test',
    about:
      'Des documents évalués une seule fois, tout à la fin. Ils montrent à quoi s’attendre sur de nouveaux textes.',
  },
  token: {
    term: 'Token',
    about:
      'Un mot ou un morceau de mot, tel que le modèle le lit. Le tokeniseur du modèle découpe les mots rares en plusieurs tokens.',
  },
  'train-set': {
    term: 'Jeu d’entraînement (train)',
    about: 'Les documents à partir desquels le modèle apprend. Ce devrait être le plus grand des sous-ensembles.',
  },
  'warm-up': {
    term: 'Échauffement (warm-up)',
    about:
      'Les premières étapes d’un entraînement, pendant lesquelles le taux d’apprentissage monte depuis 0. Cela évite que l’entraînement diverge au début.',
  },
  weights: {
    term: 'Poids',
    about: 'Les nombres d’un modèle que l’entraînement modifie. Un petit modèle en a des millions.',
  },
  window: {
    term: 'Fenêtre',
    about:
      'Le plus long morceau de texte que le modèle lit d’un coup, en tokens. Les documents plus longs sont lus en plusieurs fenêtres qui se chevauchent.',
  },
};

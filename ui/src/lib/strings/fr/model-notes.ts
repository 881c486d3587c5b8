// What is odd about a model and does not keep it from being used, by the code of the note.

import type { NoteTexts } from '../failure';

export const notes: NoteTexts = {
  'another-task': 'Ce modèle a été fait pour une autre tâche. Sa tête est remplacée par une nouvelle.',
  'capitals-kept': 'Les fichiers ne disent pas si les majuscules comptent. Ici, elles sont gardées.',
  'character-map-dropped': 'La normalisation de SentencePiece est laissée de côté, comme dans transformers 5.',
  'hidden-added-tokens': 'Certains tokens ajoutés ne comptent pas, car la configuration les omet.',
  'labels-without-names': 'Les étiquettes du modèle n’ont pas de noms. Il peut être entraîné pour d’autres étiquettes.',
  'merged-adapter': 'Ce modèle a été fait d’un adaptateur et de son modèle de base, sans tête.',
  'nested-weights': 'Les poids viennent du point de contrôle d’un programme d’entraînement.',
  'prefix-space': 'Ici, un espace précède chaque mot, même le premier : c’est de tels mots que le modèle a appris.',
  'sentencepiece-converted':
    'Le tokenizer est converti à partir d’un fichier de SentencePiece, comme dans transformers 5.',
  'settings-without-effect': 'Certains paramètres du tokenizer n’ont pas d’effet.',
  'special-piece-appended': 'Des tokens spéciaux absents du vocabulaire sont ajoutés à sa fin.',
  'special-tokens-as-objects':
    'Des tokens spéciaux sont enregistrés sous une forme ancienne. Tagsmith les lit, transformers 5 les refuse.',
  'tokenizer-rebuilt': 'Le tokenizer est reconstruit d’après sa configuration, et diffère de son fichier.',
  'unknown-piece': 'Le token de l’inconnu n’est pas celui du fichier du tokenizer.',
  'unmarked-words':
    'Le tokenizer ne marque pas le début des mots : le modèle voit d’autres tokens que dans un texte suivi.',
  'weights-not-seen': 'Les poids n’ont pas pu être examinés avant le téléchargement.',
  'wrapped-names': 'Ce qu’un programme d’entraînement a mis devant les noms des poids est laissé de côté.',
};

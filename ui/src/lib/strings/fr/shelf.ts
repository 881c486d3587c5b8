// What the engine’s list of recommended models says, by what it says in English; advice by the model.

import type { models } from '../en/models';

export const shelf: (typeof models)['shelf'] = {
  groups: {
    English: 'Anglais',
    'Many languages': 'Plusieurs langues',
    'Special fields': 'Domaines spécialisés',
    'One language': 'Une langue',
  },
  languages: {
    English: 'Anglais',
    Chinese: 'Chinois',
    Dutch: 'Néerlandais',
    Finnish: 'Finnois',
    French: 'Français',
    German: 'Allemand',
    Portuguese: 'Portugais',
    Spanish: 'Espagnol',
    Swedish: 'Suédois',
    '9 languages': '9 langues',
    '100 languages': '100 langues',
    '104 languages': '104 langues',
  },
  licenses: { 'not stated': 'non précisée' },
  advice: {
    starter: 'Petit et rapide : s’entraîne en quelques minutes sur tout ordinateur. Pour essayer.',
    'google-bert/bert-base-cased': 'Le premier choix habituel pour les noms : il voit les majuscules.',
    'google-bert/bert-base-uncased':
      'Meilleur que la version « cased » là où l’on écrit sans majuscules : messageries, tickets, requêtes.',
    'google-bert/bert-large-cased':
      'Souvent un peu meilleur que base, et environ trois fois plus lent. Demande un GPU de 8 Go ou plus.',
    'numind/NuNER-v2.0':
      'Un RoBERTa qui a déjà appris de nombreux types d’entités. À prendre si vous avez peu d’exemples annotés.',
    'FacebookAI/roberta-base': 'En général un peu meilleur que BERT base, au même coût.',
    'FacebookAI/roberta-large': 'Puissant, pour environ trois fois le travail de base. Demande un GPU de 8 Go ou plus.',
    'distilbert/distilroberta-base': 'RoBERTa avec la moitié de ses couches : moitié moins de temps.',
    'distilbert/distilbert-base-cased': 'Les deux tiers de BERT base et presque aussi bon, en moitié moins de temps.',
    'distilbert/distilbert-base-uncased': 'Le même pour les textes sans majuscules.',
    'google/electra-small-discriminator': 'Très petit : s’entraîne vite sans GPU. Il ne voit pas les majuscules.',
    'google/electra-base-discriminator': 'Aussi grand que BERT base. Il ne voit pas les majuscules.',
    'albert/albert-base-v2': 'Un petit fichier, mais aussi lent que BERT base : il utilise une couche douze fois.',
    'microsoft/mpnet-base':
      'Aussi grand que BERT base, et rarement utilisé pour trouver des noms. Il ne voit pas les majuscules.',
    'answerdotai/ModernBERT-base':
      'Lit les longs documents d’un seul tenant. Sur les textes courts, RoBERTa est souvent aussi bon.',
    'answerdotai/ModernBERT-large': 'Le même, plus grand et plus lent. Demande un GPU de 8 Go ou plus.',
    'microsoft/deberta-v3-small': 'Puissant pour ses six couches ; l’essentiel est un grand vocabulaire.',
    'microsoft/deberta-v3-base': 'Parmi les meilleurs modèles de taille base pour l’anglais, plus lent que RoBERTa.',
    'google-bert/bert-base-multilingual-cased':
      'Pour des textes en plusieurs langues, ou dans une langue qui n’a pas son propre BERT.',
    'distilbert/distilbert-base-multilingual-cased': 'Le plus rapide pour plusieurs langues.',
    'FacebookAI/xlm-roberta-base':
      'Le choix habituel pour plusieurs langues : meilleur que BERT multilingue, et plus grand.',
    'FacebookAI/xlm-roberta-large':
      'Encore meilleur, pour environ trois fois le travail. Demande un GPU de 12 Go ou plus.',
    'numind/NuNER-multilingual-v0.1':
      'Un BERT multilingue qui a déjà appris de nombreux types d’entités. À prendre si vous avez peu d’exemples annotés.',
    'dmis-lab/biobert-v1.1': 'A lu des articles biomédicaux : gènes, maladies, médicaments.',
    'microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext':
      'N’a lu que des articles biomédicaux, avec son propre vocabulaire. S’appelait PubMedBERT.',
    'emilyalsentzer/Bio_ClinicalBERT': 'A lu des comptes rendus d’hôpitaux, après des articles biomédicaux.',
    'allenai/scibert_scivocab_uncased':
      'A son propre vocabulaire, tiré d’articles scientifiques, surtout de biologie et d’informatique.',
    'allenai/scibert_scivocab_cased': 'Le même avec les majuscules.',
    'ProsusAI/finbert':
      'A lu des nouvelles financières. Il a été conçu pour juger le ton ; cette partie est remplacée à l’entraînement.',
    'nlpaueb/legal-bert-base-uncased': 'A lu des contrats, des lois et des décisions de justice.',
    'google-bert/bert-base-chinese': 'Lit chaque caractère comme un token.',
    'hfl/chinese-roberta-wwm-ext': 'Un BERT malgré son nom, entraîné plus longtemps que BERT Chinese.',
    'GroNLP/bert-base-dutch-cased': 'BERT base pour le néerlandais.',
    'TurkuNLP/bert-base-finnish-cased-v1': 'BERT base pour le finnois.',
    'almanach/camembert-base': 'RoBERTa base pour le français.',
    'dbmdz/bert-base-german-cased': 'BERT base pour l’allemand.',
    'neuralmind/bert-base-portuguese-cased': 'BERT base pour le portugais du Brésil.',
    'PlanTL-GOB-ES/roberta-base-bne':
      'RoBERTa base pour l’espagnol, d’après les pages collectées par la bibliothèque nationale.',
    'dccuchile/bert-base-spanish-wwm-cased': 'BERT base pour l’espagnol.',
    'KBLab/bert-base-swedish-cased': 'BERT base pour le suédois.',
  },
};

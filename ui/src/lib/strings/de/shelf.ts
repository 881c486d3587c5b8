// What the engine’s list of recommended models says, by what it says in English; advice by the model.

import type { models } from '../en/models';

export const shelf: (typeof models)['shelf'] = {
  groups: {
    English: 'Englisch',
    'Many languages': 'Viele Sprachen',
    'Special fields': 'Fachgebiete',
    'One language': 'Eine Sprache',
  },
  languages: {
    English: 'Englisch',
    Chinese: 'Chinesisch',
    Dutch: 'Niederländisch',
    Finnish: 'Finnisch',
    French: 'Französisch',
    German: 'Deutsch',
    Portuguese: 'Portugiesisch',
    Spanish: 'Spanisch',
    Swedish: 'Schwedisch',
    '9 languages': '9 Sprachen',
    '100 languages': '100 Sprachen',
    '104 languages': '104 Sprachen',
  },
  licenses: { 'not stated': 'nicht angegeben' },
  advice: {
    starter: 'Klein und schnell: trainiert auf jedem Rechner in Minuten. Gut zum Ausprobieren.',
    'google-bert/bert-base-cased': 'Die übliche erste Wahl für Namen: Es sieht Großbuchstaben.',
    'google-bert/bert-base-uncased':
      'Besser als die Variante „cased“, wo ohne Großbuchstaben geschrieben wird: Chats, Tickets, Suchanfragen.',
    'google-bert/bert-large-cased':
      'Oft etwas besser als base und etwa dreimal so langsam. Braucht eine GPU mit 8 GB oder mehr.',
    'numind/NuNER-v2.0':
      'Ein RoBERTa, das schon viele Arten von Entitäten gelernt hat. Nehmen Sie es, wenn Sie wenige annotierte Beispiele haben.',
    'FacebookAI/roberta-base': 'Meist etwas besser als BERT base bei gleichem Aufwand.',
    'FacebookAI/roberta-large':
      'Stark, bei etwa dreimal so viel Aufwand wie base. Braucht eine GPU mit 8 GB oder mehr.',
    'distilbert/distilroberta-base': 'RoBERTa mit der Hälfte der Schichten: halbe Zeit.',
    'distilbert/distilbert-base-cased': 'Zwei Drittel von BERT base und fast so gut, in der halben Zeit.',
    'distilbert/distilbert-base-uncased': 'Dasselbe für Text ohne Großbuchstaben.',
    'google/electra-small-discriminator': 'Sehr klein: trainiert auch ohne GPU schnell. Es sieht keine Großbuchstaben.',
    'google/electra-base-discriminator': 'So groß wie BERT base. Es sieht keine Großbuchstaben.',
    'albert/albert-base-v2': 'Eine kleine Datei, aber so langsam wie BERT base: Es verwendet eine Schicht zwölfmal.',
    'microsoft/mpnet-base': 'So groß wie BERT base und selten für Namen verwendet. Es sieht keine Großbuchstaben.',
    'answerdotai/ModernBERT-base':
      'Liest lange Dokumente in einem Stück. Bei kurzen Texten ist RoBERTa oft ebenso gut.',
    'answerdotai/ModernBERT-large': 'Dasselbe, größer und langsamer. Braucht eine GPU mit 8 GB oder mehr.',
    'microsoft/deberta-v3-small': 'Stark für seine sechs Schichten; das meiste davon ist ein großes Vokabular.',
    'microsoft/deberta-v3-base': 'Eines der besten Basismodelle für Englisch, langsamer als RoBERTa.',
    'google-bert/bert-base-multilingual-cased':
      'Für Text in mehreren Sprachen, oder in einer, die kein eigenes BERT hat.',
    'distilbert/distilbert-base-multilingual-cased': 'Das schnellere für viele Sprachen.',
    'FacebookAI/xlm-roberta-base':
      'Die übliche Wahl für viele Sprachen: besser als das mehrsprachige BERT, und größer.',
    'FacebookAI/xlm-roberta-large':
      'Noch besser, bei etwa dreimal so viel Aufwand. Braucht eine GPU mit 12 GB oder mehr.',
    'numind/NuNER-multilingual-v0.1':
      'Mehrsprachiges BERT, das schon viele Arten von Entitäten gelernt hat. Nehmen Sie es, wenn Sie wenige annotierte Beispiele haben.',
    'dmis-lab/biobert-v1.1': 'Hat biomedizinische Artikel gelesen: Gene, Krankheiten, Wirkstoffe.',
    'microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext':
      'Hat nur biomedizinische Artikel gelesen, mit eigenem Vokabular. Hieß früher PubMedBERT.',
    'emilyalsentzer/Bio_ClinicalBERT': 'Hat Arztberichte aus Kliniken gelesen, nach biomedizinischen Artikeln.',
    'allenai/scibert_scivocab_uncased':
      'Hat ein eigenes Vokabular aus wissenschaftlichen Artikeln, vor allem aus Biologie und Informatik.',
    'allenai/scibert_scivocab_cased': 'Dasselbe mit Großbuchstaben.',
    'ProsusAI/finbert':
      'Hat Finanznachrichten gelesen. Es wurde gemacht, um den Ton zu beurteilen; dieser Teil wird beim Training ersetzt.',
    'nlpaueb/legal-bert-base-uncased': 'Hat Verträge, Gesetze und Gerichtsurteile gelesen.',
    'google-bert/bert-base-chinese': 'Liest jedes Zeichen als eigenes Token.',
    'hfl/chinese-roberta-wwm-ext': 'Trotz des Namens ein BERT, länger trainiert als BERT Chinese.',
    'GroNLP/bert-base-dutch-cased': 'BERT base für Niederländisch.',
    'TurkuNLP/bert-base-finnish-cased-v1': 'BERT base für Finnisch.',
    'almanach/camembert-base': 'RoBERTa base für Französisch.',
    'dbmdz/bert-base-german-cased': 'BERT base für Deutsch.',
    'neuralmind/bert-base-portuguese-cased': 'BERT base für brasilianisches Portugiesisch.',
    'PlanTL-GOB-ES/roberta-base-bne':
      'RoBERTa base für Spanisch, aus den Webseiten, die die Nationalbibliothek gesammelt hat.',
    'dccuchile/bert-base-spanish-wwm-cased': 'BERT base für Spanisch.',
    'KBLab/bert-base-swedish-cased': 'BERT base für Schwedisch.',
  },
};

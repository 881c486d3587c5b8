// Exporting a data set.

import { count } from '../../format';
import type { exporter as en } from '../en/exporter';
import { form, many } from './words';

/** What a format cannot hold: for one, and for several. */
const LOSSES: Partial<Record<string, [one: string, more: string]>> = {
  'moved-spans': [
    'span commençait ou finissait à l’intérieur d’un mot et le couvre maintenant en entier',
    'spans commençaient ou finissaient à l’intérieur d’un mot et le couvrent maintenant en entier',
  ],
  'lost-spans': [
    'span n’avait pas de mot à lui, ou en chevauchait un autre, et disparaît',
    'spans n’avaient pas de mot à eux, ou en chevauchaient d’autres, et disparaissent',
  ],
  'joined-spans': [
    'span en touchait un de même étiquette, que IO ne peut pas séparer',
    'spans en touchaient un de même étiquette, que IO ne peut pas séparer',
  ],
  'empty-documents': ['document était sans mots et disparaît', 'documents étaient sans mots et disparaissent'],
  'changed-texts': [
    'document perd ses propres espaces : seuls les mots restent',
    'documents perdent leurs propres espaces : seuls les mots restent',
  ],
  'changed-words': ['document perd son propre découpage en mots', 'documents perdent leur propre découpage en mots'],
  'changed-strings': [
    'mot ou étiquette contenait une tabulation ou un saut de ligne, devenu un espace',
    'mots ou étiquettes contenaient une tabulation ou un saut de ligne, devenu un espace',
  ],
  'lost-ids': ['document perd son identifiant', 'documents perdent leur identifiant'],
  'overlapping-spans': [
    'des spans disparus était à l’intérieur d’un autre ou en croisait un',
    'des spans disparus étaient à l’intérieur d’un autre ou en croisaient un',
  ],
  'lost-groups': [
    'document perd le nom du document d’origine dont il fait partie',
    'documents perdent le nom du document d’origine dont ils font partie',
  ],
  'lost-scores': ['span perd sa confiance', 'spans perdent leur confiance'],
  'lost-unknown': [
    'document partiellement annoté compte désormais comme entièrement annoté',
    'documents partiellement annotés comptent désormais comme entièrement annotés',
  ],
};

export const exporter: typeof en = {
  title: 'Exporter',
  about: 'Écrit le jeu de données, tel qu’il est maintenant, dans un fichier que vous choisissez.',
  button: 'Exporter…',
  format: 'Format',
  formats: {
    conll: 'CoNLL, un mot et son tag par ligne',
    jsonl: 'JSONL, texte et spans',
    tokens: 'JSONL, tokens et tags',
    spacy: 'spaCy',
    prodigy: 'Prodigy',
    doccano: 'doccano',
    'label-studio': 'Label Studio',
    gliner: 'GLiNER',
    brat: 'brat, .txt et .ann',
    parquet: 'Hugging Face, Parquet',
    bioc: 'BioC, XML',
    pubtator: 'PubTator',
    webanno: 'INCEpTION, TSV de WebAnno',
  },
  scheme: 'Schéma de tags',
  schemes: { iob2: 'IOB2 (BIO)', bioes: 'BIOES', bilou: 'BILOU', bmes: 'BMES', iob1: 'IOB1', io: 'IO' },
  parts: 'Sous-ensembles',
  needPart: 'Choisissez un sous-ensemble.',
  planning: 'Vérification de ce que le format peut contenir',
  planFailed: 'Cet export n’a pas pu être préparé',
  lines: (lines, all) =>
    `${form(lines.length, 'ligne', 'lignes')} ${lines.map(count).join(', ')}${all > lines.length ? ' …' : ''}`,
  holds: (documents, entities) =>
    `${many(documents, 'document', 'documents')} et ${many(entities, 'entité', 'entités')}. Le format peut tout contenir.`,
  loses: (documents, entities) =>
    `${many(documents, 'document', 'documents')} et ${many(entities, 'entité', 'entités')}. Le format ne peut pas tout contenir :`,
  loss: ({ kind, count: number, what }) => (LOSSES[kind] ? form(number, ...LOSSES[kind]) : what),
  go: 'Exporter vers…',
  working: 'Export',
  done: (path) => `Exporté vers ${path}.`,
};

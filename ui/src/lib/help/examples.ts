// The example files of the help. A test of the corpus crate reads each, and finds the same documents in all.

import type { FormatName } from '../client/contracts';
import bioc from './examples/articles.bioc.xml?raw';
import pubtator from './examples/articles.pubtator?raw';
import bratEntities from './examples/brat/1.ann?raw';
import bratText from './examples/brat/1.txt?raw';
import doccano from './examples/doccano.jsonl?raw';
import gliner from './examples/gliner.json?raw';
import labelStudio from './examples/label-studio.json?raw';
import plain from './examples/plain.txt?raw';
import prodigy from './examples/prodigy.jsonl?raw';
import spacy from './examples/spacy.jsonl?raw';
import spans from './examples/spans.jsonl?raw';
import ontonotes from './examples/tea.gold_conll?raw';
import uimaCas from './examples/tea.xmi?raw';
import tableTexts from './examples/texts.csv?raw';
import tokens from './examples/tokens.jsonl?raw';
import webanno from './examples/webanno.tsv?raw';
import conll from './examples/words.conll?raw';
import tableWords from './examples/words.csv?raw';

export interface ExampleFile {
  name: string;
  text: string;
}

/** The files of each example; of brat, those of one document. */
export const EXAMPLES = {
  conll: [{ name: 'words.conll', text: conll }],
  spans: [{ name: 'spans.jsonl', text: spans }],
  tokens: [{ name: 'tokens.jsonl', text: tokens }],
  doccano: [{ name: 'doccano.jsonl', text: doccano }],
  spacy: [{ name: 'spacy.jsonl', text: spacy }],
  prodigy: [{ name: 'prodigy.jsonl', text: prodigy }],
  'label-studio': [{ name: 'label-studio.json', text: labelStudio }],
  gliner: [{ name: 'gliner.json', text: gliner }],
  'table-words': [{ name: 'words.csv', text: tableWords }],
  'table-texts': [{ name: 'texts.csv', text: tableTexts }],
  text: [{ name: 'plain.txt', text: plain }],
  brat: [
    { name: '1.txt', text: bratText },
    { name: '1.ann', text: bratEntities },
  ],
  ontonotes: [{ name: 'tea.gold_conll', text: ontonotes }],
  webanno: [{ name: 'webanno.tsv', text: webanno }],
  'uima-cas': [{ name: 'tea.xmi', text: uimaCas }],
  bioc: [{ name: 'articles.bioc.xml', text: bioc }],
  pubtator: [{ name: 'articles.pubtator', text: pubtator }],
} satisfies Record<string, ExampleFile[]>;

export type ExampleName = keyof typeof EXAMPLES;
export type BinaryName = 'parquet' | 'arrow' | 'doc-bin';

/** What the help shows of each format that is read; a new format has to be added here. */
export const SHOWN: Record<FormatName, ExampleName[] | BinaryName> = {
  conll: ['conll'],
  json: ['spans', 'tokens', 'doccano', 'spacy', 'prodigy', 'label-studio', 'gliner'],
  table: ['table-words', 'table-texts'],
  text: ['text'],
  brat: ['brat'],
  parquet: 'parquet',
  arrow: 'arrow',
  'doc-bin': 'doc-bin',
  ontonotes: ['ontonotes'],
  webanno: ['webanno'],
  'uima-cas': ['uima-cas'],
  bioc: ['bioc'],
  pubtator: ['pubtator'],
};

// Exporting a data set.

import { count } from '../../format';
import type { exporter as en } from '../en/exporter';
import { form, many } from './words';

/** What a format cannot hold: for one, and for several. */
const LOSSES: Partial<Record<string, [one: string, more: string]>> = {
  'moved-spans': [
    'Span begann oder endete mitten in einem Wort und umfasst es jetzt ganz',
    'Spans begannen oder endeten mitten in einem Wort und umfassen es jetzt ganz',
  ],
  'lost-spans': [
    'Span hatte kein eigenes Wort oder überlappte einen anderen und entfällt',
    'Spans hatten kein eigenes Wort oder überlappten andere und entfallen',
  ],
  'joined-spans': [
    'Span grenzte an einen mit demselben Label, was IO nicht trennen kann',
    'Spans grenzten an einen mit demselben Label, was IO nicht trennen kann',
  ],
  'empty-documents': ['Dokument hatte keine Wörter und entfällt', 'Dokumente hatten keine Wörter und entfallen'],
  'changed-texts': [
    'Dokument verliert seinen Leerraum: Nur die Wörter bleiben',
    'Dokumente verlieren ihren Leerraum: Nur die Wörter bleiben',
  ],
  'changed-words': ['Dokument verliert seine Einteilung in Wörter', 'Dokumente verlieren ihre Einteilung in Wörter'],
  'changed-strings': [
    'Wort oder Label enthielt einen Tabulator oder Zeilenumbruch, jetzt ein Leerzeichen',
    'Wörter oder Labels enthielten einen Tabulator oder Zeilenumbruch, jetzt ein Leerzeichen',
  ],
  'lost-ids': ['Dokument verliert seine Kennung', 'Dokumente verlieren ihre Kennung'],
  'overlapping-spans': [
    'der entfallenen Spans lag in einem anderen oder kreuzte ihn',
    'der entfallenen Spans lagen in einem anderen oder kreuzten ihn',
  ],
  'lost-groups': [
    'Dokument verliert den Namen des Ursprungsdokuments, zu dem es gehört',
    'Dokumente verlieren den Namen des Ursprungsdokuments, zu dem sie gehören',
  ],
  'lost-scores': ['Span verliert seine Konfidenz', 'Spans verlieren ihre Konfidenz'],
  'lost-unknown': [
    'teilweise annotiertes Dokument gilt jetzt als vollständig annotiert',
    'teilweise annotierte Dokumente gelten jetzt als vollständig annotiert',
  ],
};

export const exporter: typeof en = {
  title: 'Exportieren',
  about: 'Schreibt den Datensatz, wie er jetzt ist, in eine Datei Ihrer Wahl.',
  button: 'Exportieren…',
  format: 'Format',
  formats: {
    conll: 'CoNLL, ein Wort mit Tag pro Zeile',
    jsonl: 'JSONL, Text und Spans',
    tokens: 'JSONL, Tokens und Tags',
    spacy: 'spaCy',
    prodigy: 'Prodigy',
    doccano: 'doccano',
    'label-studio': 'Label Studio',
    gliner: 'GLiNER',
    brat: 'brat, .txt und .ann',
    parquet: 'Hugging Face, Parquet',
    bioc: 'BioC, XML',
    pubtator: 'PubTator',
    webanno: 'INCEpTION, WebAnno-TSV',
  },
  scheme: 'Tag-Schema',
  schemes: { iob2: 'IOB2 (BIO)', bioes: 'BIOES', bilou: 'BILOU', bmes: 'BMES', iob1: 'IOB1', io: 'IO' },
  parts: 'Splits',
  needPart: 'Wählen Sie einen Split aus.',
  planning: 'Es wird geprüft, was das Format aufnehmen kann',
  planFailed: 'Dieser Export konnte nicht vorbereitet werden',
  lines: (lines, all) =>
    `${form(lines.length, 'Zeile', 'Zeilen')} ${lines.map(count).join(', ')}${all > lines.length ? ' …' : ''}`,
  holds: (documents, entities) =>
    `${many(documents, 'Dokument', 'Dokumente')} und ${many(entities, 'Entität', 'Entitäten')}. Das Format kann alles aufnehmen.`,
  loses: (documents, entities) =>
    `${many(documents, 'Dokument', 'Dokumente')} und ${many(entities, 'Entität', 'Entitäten')}. Das Format kann nicht alles aufnehmen:`,
  loss: ({ kind, count: number, what }) => (LOSSES[kind] ? form(number, ...LOSSES[kind]) : what),
  go: 'Exportieren nach…',
  working: 'Export',
  done: (path) => `Exportiert nach ${path}.`,
};

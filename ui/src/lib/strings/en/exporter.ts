// Exporting a data set.

import { type ExportLoss, type Target, TARGETS } from '../../client/contracts';

import { count } from '../../format';
import { many } from './words';

export const exporter = {
  title: 'Export',
  about: 'Writes the data set, as it is now, to a file that you choose.',
  button: 'Export…',
  format: 'Format',
  formats: Object.fromEntries(Object.entries(TARGETS).map(([name, { title }]) => [name, title])) as Record<
    Target,
    string
  >,
  scheme: 'Tag scheme',
  schemes: { iob2: 'IOB2 (BIO)', bioes: 'BIOES', bilou: 'BILOU', bmes: 'BMES', iob1: 'IOB1', io: 'IO' },
  parts: 'Splits',
  needPart: 'Choose a split.',
  planning: 'Checking what the format can hold',
  planFailed: 'This export could not be prepared',
  lines: (lines: number[], all: number) =>
    `${lines.length === 1 ? 'line' : 'lines'} ${lines.map(count).join(', ')}${all > lines.length ? ' …' : ''}`,
  holds: (documents: number, entities: number) =>
    `${many(documents, 'document', 'documents')} and ${many(entities, 'entity', 'entities')}. The format can hold all of it.`,
  loses: (documents: number, entities: number) =>
    `${many(documents, 'document', 'documents')} and ${many(entities, 'entity', 'entities')}. The format cannot hold everything:`,
  loss: ({ what }: ExportLoss) => what,
  go: 'Export to…',
  working: 'Writing',
  done: (path: string) => `Exported to ${path}.`,
};

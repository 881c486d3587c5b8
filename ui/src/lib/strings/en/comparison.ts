// Two runs beside each other.

import { count } from '../../format';
import { many } from './words';

export const comparison = {
  title: 'Comparison',
  loading: 'Comparing…',
  failed: 'The runs could not be compared',
  curve: 'Dev F1',
  same: 'All settings are the same.',
  differ: 'Settings that differ',
  difference: 'Difference',
  notScored: 'Neither run has scores yet.',
  scoresOn: (split: string) => `F1 on ${split.toLowerCase()}`,
  interval: (low: number, high: number) => `${Math.round(low * 100)}–${Math.round(high * 100)}`,
  better: (split: string, name: string, fewer: number, more: number) =>
    `On ${split.toLowerCase()}, “${name}” is better: it makes fewer mistakes on ${many(fewer, 'document', 'documents')}, and more on ${count(more)}.`,
  noClear: (split: string, first: number, second: number) =>
    first + second === 0
      ? `On ${split.toLowerCase()}, both make as many mistakes on every document.`
      : `On ${split.toLowerCase()}, the difference may be chance: one makes fewer mistakes on ${many(first, 'document', 'documents')}, the other on ${count(second)}.`,
  differentData: (split: string) =>
    `The ${split.toLowerCase()} scores cannot be compared: they are of different documents or labels.`,
  differentLabels: (split: string) =>
    `The ${split.toLowerCase()} scores cannot be compared: different models added entities before scoring.`,
  oneScored: (split: string) => `Only one of the runs was scored on ${split.toLowerCase()}.`,
  data: 'What they learned from',
  sameData: 'Both have learned from the same documents and labels.',
  version: (name: string, version: number | null) => (version === null ? name : `${name}, version ${count(version)}`),
  onlyLabels: 'Labels of one only',
  showDocuments: 'Documents that differ',
  documents: {
    same: 'the same documents',
    unknown: 'other documents; the files of one run are gone',
    order: 'the same documents in another order',
    only: (name: string, documents: number) => `${many(documents, 'document', 'documents')} only in “${name}”`,
    relabelled: (documents: number) => `${many(documents, 'document', 'documents')} with other entities`,
    changed: 'other entities',
    onlyIn: (name: string) => `only in “${name}”`,
  },
  rows: { time: 'Time', steps: 'Steps', model: 'Model', data: 'Data' },
};

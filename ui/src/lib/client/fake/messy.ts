// Data as people have it: the sample's documents with the faults that imported files often have.

import type { DataDocument } from '../client';
import type { Issue } from '../contracts';
import { FOLDER, type FileKind, type Splits } from './corpus';

export const CONLL: FileKind = {
  format: { kind: 'conll', columns: 2, separator: 'tab', token_column: 0, tag_column: 1, bare_labels: false },
  scheme: 'iob1',
  extension: 'conll',
};

/** The same documents with spans a little wrong, a label in two spellings, repeated and leaking documents. */
export function messy(splits: Splits): Splits {
  const train = (splits['train'] ?? []).map((doc, place) => {
    if (place % 11 === 2)
      return { ...doc, entities: doc.entities.map((entity, at) => (at === 0 ? grown(doc, entity) : entity)) };
    if (place % 13 === 4)
      return { ...doc, entities: doc.entities.map((entity, at) => (at === 0 ? cut(entity) : entity)) };
    if (place % 9 === 5)
      return {
        ...doc,
        entities: doc.entities.map((entity) => (entity.label === 'PERSON' ? { ...entity, label: 'Person' } : entity)),
      };
    return doc;
  });
  const repeated = train.slice(6, 9).map((doc, place) => ({ ...doc, line: train.length + place + 1 }));
  const others = Object.entries(splits).filter(([split]) => split !== 'train');
  const leaking = others.map(([split, docs]): [string, DataDocument[]] => [
    split,
    [...docs, ...train.slice(11, 13).map((doc, place) => ({ ...doc, split, line: docs.length + place + 1 }))],
  ]);
  return { train: [...train, ...repeated], ...Object.fromEntries(leaking) };
}

type Entity = DataDocument['entities'][number];
const grown = (doc: DataDocument, entity: Entity): Entity =>
  doc.text[entity.end] === ' ' ? { ...entity, end: entity.end + 1, text: `${entity.text} ` } : entity;
const cut = (entity: Entity): Entity =>
  /\p{L}{4}$/u.test(entity.text) ? { ...entity, end: entity.end - 2, text: entity.text.slice(0, -2) } : entity;

/** Faults as the engine's reader reports them, for a set that is worth mending. */
export const faults: Issue[] = [
  {
    severity: 'warning',
    code: 'tag-repaired',
    file: `${FOLDER}/field-notes/train.conll`,
    line: 118,
    column: 14,
    count: 1,
    found: 'I-ORG after O',
    message: 'an entity starts with `I-ORG`; it was read as `B-ORG`',
    fix: 'write `B-ORG` on the first word of each entity',
    repair: { repair: 'repair-tags' },
    place: { split: 'train', document: 5, range: null },
  },
  {
    severity: 'warning',
    code: 'tag-repaired',
    file: `${FOLDER}/field-notes/train.conll`,
    line: 342,
    column: 9,
    count: 1,
    found: 'I-DATE after B-PERSON',
    message: 'an entity starts with `I-DATE`; it was read as `B-DATE`',
    fix: 'write `B-DATE` on the first word of each entity',
    repair: { repair: 'repair-tags' },
    place: { split: 'train', document: 17, range: null },
  },
];

export const brokenFile: Issue = {
  severity: 'error',
  count: 1,
  code: 'too-few-columns',
  file: '/home/sam/Documents/broken.conll',
  line: 27,
  column: 1,
  found: 'Balthasar',
  message: 'this row has 1 column, the others have 2',
  fix: 'put a tag after the word, with a tab or a space between the two',
};

// Repairs on documents in memory, and what one would change. Those that concern the reading change nothing here.

import type { DataDocument, Repair, RepairExample, RepairPreview } from '../client';
import type { Entity } from '../contracts';
import type { Splits } from './corpus';
import { random } from './random';

export function repaired(splits: Splits, repair: Repair): Splits {
  switch (repair.repair) {
    case 'trim-spans':
      return eachEntity(splits, (entity, text) =>
        at(entity, text, entity.start + space(entity.text), entity.end - space([...entity.text].reverse().join(''))),
      );
    case 'snap-to-words':
      return eachEntity(splits, snapped);
    case 'map-labels':
      return eachEntity(splits, (entity) => {
        const label = entity.label in repair.labels ? repair.labels[entity.label] : entity.label;
        return label ? { ...entity, label } : null;
      });
    case 'drop-duplicates':
      return eachSplit(splits, (docs) => {
        const seen = new Set<string>();
        return docs.filter((doc) => !seen.has(doc.text) && seen.add(doc.text));
      });
    case 'move-leaking':
      return moved(splits);
    case 'hold-out':
      return heldOut(splits, repair.shares);
    case 'split':
      return parted(splits, repair.shares, repair.seed);
    case 'sample':
      return eachSplit(splits, (docs, split) =>
        split === repair.split ? sampled(docs, repair.documents, repair.seed) : docs,
      );
    default:
      return splits;
  }
}

export function previewOf(splits: Splits, repair: Repair): RepairPreview {
  const after = repaired(splits, repair);
  const key = (doc: DataDocument) => `${doc.split} ${doc.line} ${doc.text}`;
  const there = new Map(
    Object.values(after)
      .flat()
      .map((doc) => [key(doc), doc]),
  );
  const texts = new Map(
    Object.entries(after).flatMap(([split, docs]) => docs.map((doc): [string, string] => [doc.text, split])),
  );
  const preview: RepairPreview = {
    changed_documents: 0,
    changed_spans: 0,
    removed_documents: 0,
    moved_documents: 0,
    examples: [],
  };
  const say = (example: RepairExample) => void (preview.examples.length < 20 && preview.examples.push(example));
  for (const before of Object.values(splits).flat()) {
    const now = there.get(key(before));
    if (!now) {
      const elsewhere = texts.get(before.text);
      const moves = elsewhere !== undefined && elsewhere !== before.split;
      preview[moves ? 'moved_documents' : 'removed_documents'] += 1;
      say({ split: before.split, line: before.line, before, after: moves ? { ...before, split: elsewhere } : null });
      continue;
    }
    const same = new Set(now.entities.map(spell));
    const spans = before.entities.filter((entity) => !same.has(spell(entity))).length;
    if (spans === 0) continue;
    preview.changed_documents += 1;
    preview.changed_spans += spans;
    say({ split: before.split, line: before.line, before, after: now });
  }
  return preview;
}

const spell = (entity: Entity) => `${entity.start}-${entity.end}-${entity.label}`;
const space = (text: string) => text.length - text.trimStart().length;

function at(entity: Entity, text: string, start: number, end: number): Entity | null {
  return end > start ? { ...entity, start, end, text: text.slice(start, end) } : null;
}

export function snapped(entity: Entity, text: string): Entity | null {
  const inWord = (place: number) =>
    /[\p{L}\p{N}]/u.test(text[place - 1] ?? '') && /[\p{L}\p{N}]/u.test(text[place] ?? '');
  let { start, end } = entity;
  while (inWord(start)) start -= 1;
  while (inWord(end)) end += 1;
  return at(entity, text, start, end);
}

function eachSplit(splits: Splits, change: (documents: DataDocument[], split: string) => DataDocument[]): Splits {
  return Object.fromEntries(Object.entries(splits).map(([split, docs]) => [split, change(docs, split)]));
}

function eachEntity(splits: Splits, change: (entity: Entity, text: string) => Entity | null): Splits {
  return eachSplit(splits, (docs) =>
    docs.map((doc) => ({ ...doc, entities: doc.entities.flatMap((entity) => change(entity, doc.text) ?? []) })),
  );
}

function moved(splits: Splits): Splits {
  const known = new Set((splits['train'] ?? []).map((doc) => doc.text));
  return eachSplit(splits, (docs, split) => (split === 'train' ? docs : docs.filter((doc) => !known.has(doc.text))));
}

/** From the start of `train` for dev, from its end for test. */
function heldOut(splits: Splits, shares: Record<string, number>): Splits {
  const all = splits['train'] ?? [];
  const cut = (split: string) => (splits[split] ? 0 : Math.round(all.length * (shares[split] ?? 0)));
  const [dev, test] = [cut('dev'), cut('test')];
  const named = (docs: DataDocument[], split: string) => docs.map((doc) => ({ ...doc, split }));
  return {
    train: all.slice(dev, all.length - test),
    ...(dev ? { dev: named(all.slice(0, dev), 'dev') } : splits['dev'] ? { dev: splits['dev'] } : {}),
    ...(test ? { test: named(all.slice(all.length - test), 'test') } : splits['test'] ? { test: splits['test'] } : {}),
  };
}

function shuffled<T>(values: T[], seed: number): T[] {
  const next = random(seed);
  return values
    .map((value) => ({ value, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

function parted(splits: Splits, shares: Record<string, number>, seed: number): Splits {
  const all = shuffled(Object.values(splits).flat(), seed);
  let from = 0;
  let sum = 0;
  return Object.fromEntries(
    Object.entries(shares).map(([split, share]) => {
      sum += share;
      const to = Math.round(all.length * sum);
      const own = all.slice(from, to).map((doc) => ({ ...doc, split }));
      from = to;
      return [split, own];
    }),
  );
}

function sampled(documents: DataDocument[], wanted: number, seed: number): DataDocument[] {
  const kept = new Set(shuffled(documents, seed).slice(0, wanted));
  return documents.filter((doc) => kept.has(doc));
}

// Finds entities as a trained model might: those of the sample corpus, and others by their shape.

import type { DataDocument } from '../client';
import type { Entity } from '../contracts';
import { random, seedOf } from './random';

const SHAPES: [RegExp, string][] = [
  [/\b0x[0-9A-Fa-f]{4,}\b|\b[A-Z]{1,4}[-_]\d{3,5}\b|\bERR_[A-Z_]+\b/g, 'ERROR_CODE'],
  [/\bv?\d+\.\d+(?:\.\d+)*\b/g, 'VERSION'],
  [/\b(?:yesterday|(?:last |next )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b/gi, 'DATE'],
];

export type FakeTagger = (model: string, text: string) => Entity[];

export function tagger(documents: DataDocument[]): FakeTagger {
  const known = new Map<string, string>();
  for (const entity of documents.flatMap((doc) => doc.entities)) known.set(entity.text, entity.label);
  const wordings = [...known.keys()].filter((text) => text.length > 2).sort((a, b) => b.length - a.length);
  const escaped = wordings.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const dictionary = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
  return (model, text) => {
    const found: Entity[] = [];
    const add = (match: RegExpMatchArray, label: string) => {
      const start = match.index ?? 0;
      const end = start + match[0].length;
      if (found.some((entity) => entity.start < end && start < entity.end)) return;
      // A model always gives the same text at the same position the same score.
      const score = 0.45 + 0.548 * Math.sqrt(random(seedOf(`${model}|${match[0]}|${start}`))());
      if (score < 0.58 && model !== 'tickets-first') return;
      found.push({ start, end, label, text: match[0], score });
    };
    for (const match of text.matchAll(dictionary)) add(match, known.get(match[0]) as string);
    for (const [shape, label] of SHAPES) for (const match of text.matchAll(shape)) add(match, label);
    return found.sort((a, b) => a.start - b.start);
  };
}

// Statistics counted from documents, as the engine counts them.

import type { DataDocument, LengthBin, SplitStatistics, Statistics } from '../client';
import type { Splits } from './corpus';

export function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

export function labelsOf(documents: DataDocument[]): Record<string, number> {
  const labels: Record<string, number> = {};
  for (const document of documents) for (const { label } of document.entities) labels[label] = (labels[label] ?? 0) + 1;
  return labels;
}

export function statisticsOf(splits: Splits): Statistics {
  const names = Object.keys(splits);
  const texts = Object.fromEntries(names.map((name) => [name, new Set((splits[name] ?? []).map((doc) => doc.text))]));
  const overlaps = names.flatMap((first, place) =>
    names.slice(place + 1).map((second) => ({
      first,
      second,
      near: 0,
      same: (splits[second] ?? []).filter((doc) => texts[first]?.has(doc.text)).length,
    })),
  );
  return { splits: names.map((name) => ofSplit(name, splits[name] ?? [])), overlaps };
}

function ofSplit(split: string, documents: DataDocument[]): SplitStatistics {
  const lengths = documents.map((doc) => words(doc.text));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const entities = documents.map((doc) => doc.entities.length);
  const marked = documents.reduce(
    (sum, doc) => sum + doc.entities.reduce((own, entity) => own + words(entity.text), 0),
    0,
  );
  return {
    split,
    documents: documents.length,
    words: total,
    entities: entities.reduce((sum, number) => sum + number, 0),
    labels: labelsOf(documents),
    lengths: histogram(lengths),
    longest_words: lengths.reduce((most, length) => Math.max(most, length), 0),
    entities_per_document: histogram(entities, 1),
    without_entities: entities.filter((number) => number === 0).length,
    density: total ? marked / total : 0,
  };
}

export function histogram(values: number[], width = 10): LengthBin[] {
  const most = values.reduce((high, value) => Math.max(high, value), 0);
  const bins = Array.from({ length: Math.floor(most / width) + 1 }, (_, place) => ({
    from: place * width,
    to: (place + 1) * width,
    count: 0,
  }));
  for (const value of values) (bins[Math.floor(value / width)] as LengthBin).count += 1;
  return bins;
}

// A report of plausible predictions: gold entities with seeded random mistakes, counted correctly.

import type { DataDocument } from '../client';
import type { Confusion, DocumentErrors, Entity, Metrics, Mistake, Report, Scores, SplitReport } from '../contracts';
import { judged } from './judgement';
import { pick, random, type Random } from './random';

/** `skill`: the share of gold entities that are predicted correctly, 0–1. */
export function makeReport(splits: Record<string, DataDocument[]>, skill: number, seed: number): Report {
  const report: Report = { convention: 'conlleval', decoding: 'viterbi', splits: {} };
  for (const [name, documents] of Object.entries(splits)) {
    report.splits[name] = splitReport(
      name,
      documents,
      skill - (name === 'test' ? 0.02 : 0),
      random(seed + name.length),
    );
  }
  return report;
}

function splitReport(name: string, documents: DataDocument[], skill: number, next: Random): SplitReport {
  const labels = [...new Set(documents.flatMap((doc) => doc.entities.map((entity) => entity.label)))].sort();
  const counts = new Map<string, Confusion>();
  const errors: DocumentErrors[] = [];
  documents.forEach((document, place) => {
    const pairs: { gold: Entity | null; predicted: Entity | null }[] = document.entities.map((gold) => ({
      gold,
      predicted: predict(gold, document, labels, skill, next),
    }));
    const extra = spurious(document, labels, skill, next);
    if (extra) pairs.push({ gold: null, predicted: extra });
    pairs.sort((a, b) => (a.gold ?? (a.predicted as Entity)).start - (b.gold ?? (b.predicted as Entity)).start);
    const mistakes: Mistake[] = [];
    for (const { gold, predicted } of pairs) {
      const key = `${gold?.label ?? ''}>${predicted?.label ?? ''}`;
      const cell = counts.get(key) ?? { gold: gold?.label ?? null, predicted: predicted?.label ?? null, count: 0 };
      cell.count += 1;
      counts.set(key, cell);
      const kind = kindOf(gold, predicted);
      if (kind) mistakes.push({ kind, gold, predicted });
    }
    const right = pairs.flatMap((pair) =>
      pair.predicted && !kindOf(pair.gold, pair.predicted) ? [pair.predicted] : [],
    );
    const { line, text } = document;
    const file = document.file ?? `${name}.jsonl`;
    if (mistakes.length) errors.push({ document: place, line, file, text, right, errors: mistakes });
  });
  return judged({
    file: `${name}.jsonl`,
    documents: documents.length,
    words: documents.reduce((sum, doc) => sum + words(doc.text), 0),
    words_without_pieces: 1,
    moved_entities: 0,
    lost_entities: 0,
    cut_words: 0,
    shared_with_train: 0,
    near_train: 0,
    unknown_labels: [],
    loss: 0.09 + (1 - skill) * 0.4,
    metrics: metricsOf(labels, [...counts.values()], errors, documents),
    confusion: [...counts.values()],
    errors,
    judgement: null,
  });
}

function predict(gold: Entity, document: DataDocument, labels: string[], skill: number, next: Random): Entity | null {
  const score = 0.62 + next() * 0.37;
  if (next() < skill) return { ...gold, score: Math.min(0.999, score + 0.1) };
  const fate = next();
  if (fate < 0.42) return null;
  const other =
    pick(
      labels.filter((label) => label !== gold.label),
      next,
    ) ?? gold.label;
  if (fate < 0.66) return { ...gold, label: other, score };
  const moved = boundary(gold, document);
  return moved ? { ...moved, label: fate < 0.94 ? gold.label : other, score } : null;
}

/** The entity with one word fewer, or one more after it where it has only one. */
function boundary(gold: Entity, document: DataDocument): Entity | null {
  const gap = gold.text.lastIndexOf(' ');
  const end =
    gap > 0 ? gold.start + gap : gold.end + (/^ [\p{L}\p{N}]+/u.exec(document.text.slice(gold.end))?.[0].length ?? 0);
  const clash = document.entities.some((entity) => entity !== gold && entity.start < end && gold.start < entity.end);
  if (end === gold.end || clash) return null;
  return { ...gold, end, text: document.text.slice(gold.start, end) };
}

function spurious(document: DataDocument, labels: string[], skill: number, next: Random): Entity | null {
  if (next() > (1 - skill) * 0.9) return null;
  for (const match of document.text.matchAll(/\p{Lu}[\p{L}]{3,}/gu)) {
    const start = match.index;
    const end = start + match[0].length;
    if (document.entities.some((entity) => entity.start < end + 1 && start < entity.end + 24)) continue;
    return { start, end, label: pick(labels, next), text: match[0], score: 0.35 + next() * 0.4 };
  }
  return null;
}

function kindOf(gold: Entity | null, predicted: Entity | null): Mistake['kind'] | null {
  if (!gold) return 'spurious';
  if (!predicted) return 'missed';
  const same = gold.start === predicted.start && gold.end === predicted.end;
  if (same) return gold.label === predicted.label ? null : 'label';
  return gold.label === predicted.label ? 'boundary' : 'label_and_boundary';
}

function metricsOf(
  labels: string[],
  confusion: Confusion[],
  errors: DocumentErrors[],
  documents: DataDocument[],
): Metrics {
  const spoilt = errors.flatMap((document) => document.errors).filter((mistake) => mistake.kind === 'boundary');
  const of = (label: string | null) => {
    const sum = (fits: (cell: Confusion) => boolean) =>
      confusion.filter(fits).reduce((total, cell) => total + cell.count, 0);
    const gold = sum((cell) => cell.gold !== null && (label === null || cell.gold === label));
    const predicted = sum((cell) => cell.predicted !== null && (label === null || cell.predicted === label));
    const matched = sum(
      (cell) => cell.gold !== null && cell.gold === cell.predicted && (label === null || cell.gold === label),
    );
    const correct = matched - spoilt.filter((mistake) => label === null || mistake.gold?.label === label).length;
    return { gold, predicted, correct };
  };
  const byLabel = Object.fromEntries(labels.map((label) => [label, scoresOf(of(label))]));
  const mean = (pick: (scores: Scores) => number) =>
    Object.values(byLabel).reduce((sum, scores) => sum + pick(scores), 0) / Math.max(1, labels.length);
  const overall = scoresOf(of(null));
  const total = documents.reduce((sum, doc) => sum + words(doc.text), 0);
  return {
    convention: 'conlleval',
    overall,
    macro: {
      precision: mean((s) => s.precision),
      recall: mean((s) => s.recall),
      f1: mean((s) => s.f1),
      support: overall.support,
    },
    labels: byLabel,
    token_accuracy: 1 - (errors.flatMap((doc) => doc.errors).length * 1.4) / Math.max(1, total),
  };
}

function scoresOf({ gold, predicted, correct }: { gold: number; predicted: number; correct: number }): Scores {
  const precision = predicted ? correct / predicted : 0;
  const recall = gold ? correct / gold : 0;
  return {
    precision,
    recall,
    f1: precision + recall ? (2 * precision * recall) / (precision + recall) : 0,
    support: gold,
  };
}

function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

// Two runs of the in-memory shell beside each other. Those on the same data set had the same documents.

import type { ComparedScores, ComparedSplit, Comparison, DataDocument } from '../client';
import { documentsOf } from './recorded';
import type { FakeRun, World } from './world';

export function compared(world: World, first: FakeRun, second: FakeRun): Comparison {
  const dataOf = ({ run }: FakeRun) => world.data.find((entry) => entry.set.id === run.data);
  const [one, other] = [dataOf(first), dataOf(second)];
  const isSame = first.run.data === second.run.data;
  const labels = ({ report }: FakeRun) => Object.keys(report?.splits['dev']?.metrics.labels ?? {});
  const only = (of: FakeRun, without: FakeRun) => labels(of).filter((label) => !labels(without).includes(label));
  const splits = ['train', 'dev', 'test'].flatMap((split): ComparedSplit[] => {
    const documents = [one, other].map((data) => (data ? (documentsOf(data.version)[split] ?? []) : []));
    const [left = [], right = []] = documents;
    if (!left.length && !right.length) return [];
    if (isSame)
      return [{ split, is_same: true, is_known: false, only_first: 0, only_second: 0, relabelled: 0, examples: [] }];
    const missing = (own: DataDocument[], from: DataDocument[]) => {
      const texts = new Set(from.map(({ text }) => text));
      return own.filter(({ text }) => !texts.has(text));
    };
    const [first, second] = [missing(left, right), missing(right, left)];
    return [
      {
        split,
        is_same: false,
        is_known: true,
        only_first: first.length,
        only_second: second.length,
        relabelled: 0,
        examples: [
          ...first.slice(0, 10).map((document) => ({ first: document, second: null })),
          ...second.slice(0, 10).map((document) => ({ first: null, second: document })),
        ],
      },
    ];
  });
  const scores = ['test', 'dev'].flatMap((split): ComparedScores[] => {
    const parts = [first.report?.splits[split], second.report?.splits[split]];
    if (!parts[0] && !parts[1]) return [];
    const mistakes = parts.map((part) => new Map((part?.errors ?? []).map((doc) => [doc.document, doc.errors.length])));
    const ahead = (own = mistakes[0], from = mistakes[1]) =>
      [...new Set([...(own?.keys() ?? []), ...(from?.keys() ?? [])])].filter(
        (document) => (own?.get(document) ?? 0) < (from?.get(document) ?? 0),
      ).length;
    const fewer: [number, number] = [ahead(), ahead(mistakes[1], mistakes[0])];
    const isClear = Math.abs(fewer[0] - fewer[1]) - 1 > 1.96 * Math.sqrt(fewer[0] + fewer[1]);
    const verdict =
      !parts[0] || !parts[1]
        ? 'not-scored'
        : !isSame
          ? 'different-data'
          : !isClear
            ? 'no-clear-difference'
            : fewer[0] > fewer[1]
              ? 'first-better'
              : 'second-better';
    const known = [...new Set(parts.flatMap((part) => Object.keys(part?.metrics.labels ?? {})))].sort();
    const [left, right] = parts;
    return [
      {
        split,
        verdict,
        fewer_mistakes: isSame ? fewer : null,
        first: left?.metrics.overall ?? null,
        second: right?.metrics.overall ?? null,
        first_interval: left?.judgement?.interval ?? null,
        second_interval: right?.judgement?.interval ?? null,
        labels: known.map((label) => ({
          label,
          first: left?.metrics.labels[label] ?? null,
          second: right?.metrics.labels[label] ?? null,
        })),
      },
    ];
  });
  return {
    first_version: one?.set.version ?? null,
    second_version: other?.set.version ?? null,
    labels_first: only(first, second),
    labels_second: only(second, first),
    splits,
    scores,
  };
}

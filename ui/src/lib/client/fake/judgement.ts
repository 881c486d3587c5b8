// What the made-up scores mean: plausible, and far simpler than the engine's own rules.

import type { Caveat, MistakeAt, Scores, SplitReport } from '../contracts';

export function judged(split: SplitReport): SplitReport {
  const { overall, labels } = split.metrics;
  const gold = overall.support;
  const correct = Math.round(overall.recall * gold);
  const half = 1 / Math.sqrt(Math.max(1, gold));
  const [label, scores] = Object.entries(labels).reduce<[string, Scores | null]>(
    (lowest, [label, scores]) => (!lowest[1] || scores.f1 < lowest[1].f1 ? [label, scores] : lowest),
    ['', null],
  );
  const mistakes = split.errors
    .flatMap((document) => document.errors)
    .filter((mistake) => mistake.gold?.label === label || mistake.predicted?.label === label);
  const kind = mistakes[0]?.kind;
  const other = mistakes.flatMap((mistake) => [mistake.gold?.label, mistake.predicted?.label]);
  const caveats: Caveat[] = [];
  if (gold === 0) caveats.push({ caveat: 'no-entities' });
  else if (correct === 0) caveats.push({ caveat: 'nothing-learned' });
  else {
    const { shared_with_train: same, near_train: near } = split;
    if (same || near) caveats.push({ caveat: 'copies', same: same ?? 0, near: near ?? 0 });
    if (gold < 120) caveats.push({ caveat: 'few-entities', enough: 240 });
  }
  const sure = split.errors.flatMap(({ errors }, document) =>
    errors.map((mistake, at): [number, MistakeAt] => [mistake.predicted?.score ?? 0, { document, mistake: at }]),
  );
  const worst: MistakeAt[] = [];
  for (const [, at] of sure.sort(([a], [b]) => b - a))
    if (worst.length < 3 && worst.every(({ document }) => document !== at.document)) worst.push(at);
  return {
    ...split,
    judgement: {
      interval: [Math.max(0, overall.f1 - half), Math.min(1, overall.f1 + half * 0.8)],
      correct,
      predicted: overall.precision > 0 ? Math.round(correct / overall.precision) : 0,
      caveats,
      weakest:
        kind && scores && correct
          ? {
              label,
              f1: scores.f1,
              kind,
              of_kind: mistakes.filter((mistake) => mistake.kind === kind).length,
              mistakes: mistakes.length,
              confused_with: other.find((one) => one && one !== label) ?? null,
            }
          : null,
      worst,
    },
  };
}

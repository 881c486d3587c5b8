// Which of the twelve hues each label has: assigned once and kept until the user changes it.

export const HUES = 12;
export type Hues = Readonly<Record<string, number>>;

/** `known` plus a hue for each new label: the least used one, so that the labels of a set differ. */
export function withLabels(known: Hues, labels: readonly string[]): Hues {
  const missing = [...new Set(labels)].filter((label) => !(label in known)).sort();
  if (missing.length === 0) return known;
  const hues: Record<string, number> = { ...known };
  for (const label of missing) {
    const uses = Array.from({ length: HUES }, () => 0);
    // Labels that are shown together weigh more than those of other data sets.
    for (const [other, hue] of Object.entries(hues))
      uses[hue % HUES] = (uses[hue % HUES] ?? 0) + (labels.includes(other) ? 1000 : 1);
    hues[label] = uses.indexOf(Math.min(...uses));
  }
  return hues;
}

/** The assigned hue; without one, an arbitrary hue that is always the same. */
export function hueOf(hues: Hues, label: string): number {
  const given = hues[label];
  if (given !== undefined) return given % HUES;
  let sum = 0;
  for (const character of label) sum += character.codePointAt(0) ?? 0;
  return sum % HUES;
}

// Columns of a histogram, fewer and wider.

export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** The same counts in at most `columns` bins, by merging neighbours. */
export function coarser(bins: readonly Bin[], columns: number): Bin[] {
  const together = Math.ceil(bins.length / columns);
  if (together <= 1) return [...bins];
  return Array.from({ length: Math.ceil(bins.length / together) }, (_, place) => {
    const own = bins.slice(place * together, (place + 1) * together);
    return { from: own[0]?.from ?? 0, to: own.at(-1)?.to ?? 0, count: own.reduce((sum, bin) => sum + bin.count, 0) };
  });
}

/** The sum of the bins of several splits. */
export function summed(parts: readonly (readonly Bin[])[]): Bin[] {
  const all = new Map<number, Bin>();
  for (const bin of parts.flat()) all.set(bin.from, { ...bin, count: bin.count + (all.get(bin.from)?.count ?? 0) });
  return [...all.values()].sort((a, b) => a.from - b.from);
}

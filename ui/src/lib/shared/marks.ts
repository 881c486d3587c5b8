// Splits a text into plain and marked pieces.

import type { Entity } from '../client/contracts';

export interface Piece {
  text: string;
  entity: Entity | null;
  /** It lies in the highlighted range. */
  pointed: boolean;
}

/** The pieces of `text` in order. Of entities that overlap, the first is drawn. */
export function pieces(
  text: string,
  entities: readonly Entity[],
  range: readonly [number, number] | null = null,
): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  const plain = (to: number) => {
    // Plain text is cut at the edges of the range; an entity is highlighted as a whole.
    const edges = [...(range ?? []), to].filter((edge) => edge > at && edge <= to).sort((a, b) => a - b);
    for (const edge of edges) {
      if (edge > at) found.push({ text: text.slice(at, edge), entity: null, pointed: meets(at, edge) });
      at = edge;
    }
  };
  const meets = (start: number, end: number) => range !== null && start < range[1] && end > range[0];
  for (const entity of [...entities].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (entity.start < at || entity.end > text.length || entity.end <= entity.start) continue;
    plain(entity.start);
    found.push({ text: text.slice(entity.start, entity.end), entity, pointed: meets(entity.start, entity.end) });
    at = entity.end;
  }
  plain(text.length);
  return found;
}

// Cuts a text into plain and marked pieces.

import type { Entity } from '../client/contracts';

export interface Piece {
  text: string;
  entity: Entity | null;
}

/** The pieces of `text` in order. Of entities that overlap, the first is drawn. */
export function pieces(text: string, entities: readonly Entity[]): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const entity of [...entities].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (entity.start < at || entity.end > text.length || entity.end <= entity.start) continue;
    if (entity.start > at) found.push({ text: text.slice(at, entity.start), entity: null });
    found.push({ text: text.slice(entity.start, entity.end), entity });
    at = entity.end;
  }
  if (at < text.length) found.push({ text: text.slice(at), entity: null });
  return found;
}

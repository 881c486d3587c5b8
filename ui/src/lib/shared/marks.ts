// Splits a text into plain and marked pieces.

import type { Entity } from '../client/contracts';

export interface Part {
  text: string;
  /** It is what a search looked for. */
  found: boolean;
}

export interface Piece {
  /** Its text, cut at the edges of what a search found. */
  parts: Part[];
  entity: Entity | null;
  /** It lies in the highlighted range. */
  pointed: boolean;
}

/** The pieces of `text` in order. Of entities that overlap, the first is drawn. `wanted`: what a search looks for. */
export function pieces(
  text: string,
  entities: readonly Entity[],
  range: readonly [number, number] | null = null,
  wanted = '',
): Piece[] {
  const found: Piece[] = [];
  const matches = matchesOf(text, wanted);
  let at = 0;
  const plain = (to: number) => {
    // Plain text is cut at the edges of the range; an entity is highlighted as a whole.
    const edges = [...(range ?? []), to].filter((edge) => edge > at && edge <= to).sort((a, b) => a - b);
    for (const edge of edges) {
      if (edge > at) found.push({ parts: cut(text, at, edge, matches), entity: null, pointed: meets(at, edge) });
      at = edge;
    }
  };
  const meets = (start: number, end: number) => range !== null && start < range[1] && end > range[0];
  for (const entity of [...entities].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (entity.start < at || entity.end > text.length || entity.end <= entity.start) continue;
    plain(entity.start);
    const { start, end } = entity;
    found.push({ parts: cut(text, start, end, matches), entity, pointed: meets(start, end) });
    at = entity.end;
  }
  plain(text.length);
  return found;
}

type Range = readonly [start: number, end: number];

/** Where a search finds `wanted`: capitals make no difference. */
function matchesOf(text: string, wanted: string): Range[] {
  if (!wanted) return [];
  const plain = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'giu');
  return [...text.matchAll(plain)].map(({ 0: match, index }) => [index, index + match.length]);
}

/** A stretch of the text, cut at the edges of the matches. */
function cut(text: string, start: number, end: number, matches: readonly Range[]): Part[] {
  const parts: Part[] = [];
  let at = start;
  const to = (edge: number, found: boolean) => {
    if (edge > at) parts.push({ text: text.slice(at, edge), found });
    at = Math.max(at, edge);
  };
  for (const [from, until] of matches) {
    if (until <= start || from >= end) continue;
    to(from, false);
    to(Math.min(until, end), true);
  }
  to(end, false);
  return parts;
}

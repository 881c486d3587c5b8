// The entities of a text as JSON, CSV, HTML or a plain list. Offsets count Unicode characters, as files do.

import type { Entity } from '../client/contracts';
import { charactersBefore } from '../client/offsets';
import type { Paragraph } from './highlighter.svelte';

export type ExportKind = 'json' | 'csv' | 'html' | 'list';

/** The shown entities of all paragraphs, at their places in the whole text, in UTF-16 units. */
export function collect(
  paragraphs: readonly Paragraph[],
  found: readonly (Entity[] | undefined)[],
  shows: (entity: Entity) => boolean,
): Entity[] {
  return paragraphs.flatMap((paragraph, place) =>
    (found[place] ?? []).filter(shows).map((entity) => ({
      ...entity,
      start: entity.start + paragraph.start,
      end: entity.end + paragraph.start,
    })),
  );
}

export function exportAs(kind: ExportKind, text: string, entities: readonly Entity[]): string {
  return { json: asJson, csv: asCsv, html: asHtml, list: asList }[kind](text, entities);
}

function inCharacters(text: string, entities: readonly Entity[]): Entity[] {
  const before = charactersBefore(text);
  return entities.map((entity) => ({ ...entity, start: before(entity.start), end: before(entity.end) }));
}

function asJson(text: string, entities: readonly Entity[]): string {
  const rows = inCharacters(text, entities).map(({ start, end, label, text: words, score }) => ({
    start,
    end,
    label,
    text: words,
    ...(score === undefined ? {} : { score: Number(score.toFixed(4)) }),
  }));
  return JSON.stringify({ text, entities: rows }, null, 2);
}

function asCsv(text: string, entities: readonly Entity[]): string {
  const quoted = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const rows = inCharacters(text, entities).map((entity) =>
    [entity.start, entity.end, quoted(entity.label), quoted(entity.text), entity.score?.toFixed(4) ?? ''].join(','),
  );
  return ['start,end,label,text,score', ...rows].join('\n') + '\n';
}

function asHtml(text: string, entities: readonly Entity[]): string {
  const safe = (value: string) =>
    value.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);
  let at = 0;
  let html = '';
  for (const entity of entities) {
    if (entity.start < at) continue;
    html += safe(text.slice(at, entity.start));
    html += `<mark title="${safe(entity.label)}">${safe(text.slice(entity.start, entity.end))} <small>${safe(entity.label)}</small></mark>`;
    at = entity.end;
  }
  return `<div style="white-space: pre-wrap">${html}${safe(text.slice(at))}</div>\n`;
}

/** Each distinct text once under its label, the most frequent first. */
function asList(_text: string, entities: readonly Entity[]): string {
  const labels = new Map<string, Map<string, number>>();
  for (const entity of entities) {
    const wordings = labels.get(entity.label) ?? new Map<string, number>();
    labels.set(entity.label, wordings.set(entity.text, (wordings.get(entity.text) ?? 0) + 1));
  }
  return (
    [...labels]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([label, wordings]) =>
        [
          label,
          ...[...wordings]
            .sort((a, b) => b[1] - a[1])
            .map(([wording, times]) => `  ${wording}${times > 1 ? ` (${times})` : ''}`),
        ].join('\n'),
      )
      .join('\n\n') + '\n'
  );
}

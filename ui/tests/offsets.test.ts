// UTF-16 units inside, Unicode characters in files, for texts that often break such conversions.

import { expect, test } from 'vitest';
import { sample } from '../src/lib/client/fake/corpus';
import { charactersBefore, unitsOfCharacters } from '../src/lib/client/offsets';
import { collect, exportAs } from '../src/lib/state/exports';
import { paragraphsOf } from '../src/lib/state/highlighter.svelte';

const texts = ['', 'plain', 'Zoë 🎉 Müller', '👩🏽‍🔧 Åsa', 'e\u0301te\u0301', '東京タワー', 'שלום עולם', 'a\r\nb', '𝒜𝒷'];

test.each(texts)('every offset of %j survives the round trip', (text) => {
  const units = unitsOfCharacters(text);
  const before = charactersBefore(text);
  expect(units).toHaveLength([...text].length + 1);
  units.forEach((unit, character) => expect(before(unit)).toBe(character));
  // Also in descending order.
  [...units].reverse().forEach((unit, place) => expect(before(unit)).toBe(units.length - 1 - place));
});

test('an entity behind an emoji is cut out exactly', () => {
  const text = 'Zoë 🎉 Müller ok';
  const units = unitsOfCharacters(text);
  expect([units[6], units[12], text.slice(units[6], units[12])]).toEqual([7, 13, 'Müller']);
});

test('the sample has all its documents and entities', () => {
  const counts = Object.fromEntries(Object.entries(sample).map(([split, documents]) => [split, documents.length]));
  expect(counts).toEqual({ train: 320, dev: 60, test: 100 });
  const entities = Object.values(sample)
    .flat()
    .flatMap((document) => document.entities);
  expect(entities).toHaveLength(1533);
  expect(entities.every((entity) => entity.text === entity.text.trim() && entity.text)).toBe(true);
});

test('exports count characters in the whole text', () => {
  const text = '🎉 one\n\n🎉🎉 Müller, "x"';
  const paragraphs = paragraphsOf(text);
  const found = [[], [], [{ start: 5, end: 11, label: 'P', text: 'Müller', score: 0.87654 }]];
  const entities = collect(paragraphs, found, () => true);
  expect(text.slice(entities[0]?.start, entities[0]?.end)).toBe('Müller');
  const json = JSON.parse(exportAs('json', text, entities)) as { entities: unknown[] };
  expect(json.entities).toEqual([{ start: 10, end: 16, label: 'P', text: 'Müller', score: 0.8765 }]);
  expect([...text].slice(10, 16).join('')).toBe('Müller');
  expect(exportAs('csv', text, entities)).toBe('start,end,label,text,score\n10,16,P,Müller,0.8765\n');
  expect(exportAs('html', '<b> & Bo', [{ start: 6, end: 8, label: 'P"', text: 'Bo' }])).toContain(
    '&lt;b&gt; &amp; <mark title="P&quot;">Bo',
  );
  expect(exportAs('csv', '"a", b', [{ start: 0, end: 6, label: 'P', text: '"a", b' }])).toContain('"""a"", b"');
  expect(exportAs('list', text, [...entities, ...entities])).toBe('P\n  Müller (2)\n');
});

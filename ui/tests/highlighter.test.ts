// The highlighter: the newest text wins, and only changed paragraphs are requested.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../src/lib/client/client';
import type { Entity } from '../src/lib/client/contracts';
import { Highlighter, paragraphsOf, DEBOUNCE } from '../src/lib/state/highlighter.svelte';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Asked {
  paragraphs: string[];
  answer: () => void;
  refuse: () => void;
}
function setUp() {
  const asked: Asked[] = [];
  const tag = (_: string, paragraphs: string[]) =>
    new Promise<Entity[][]>((resolve, reject) => {
      asked.push({
        paragraphs,
        answer: () =>
          resolve(paragraphs.map((text) => [{ start: 0, end: 1, label: 'X', text: text[0] ?? '', score: 0.9 }])),
        refuse: () => reject(new Error('gone')),
      });
    });
  const highlighter = new Highlighter({ tagger: { tag, onPreparing: () => () => {} } } as unknown as Client);
  highlighter.setModels(['a', 'b'], 'b');
  return { highlighter, asked };
}

test('quick key presses make one request', async () => {
  const { highlighter, asked } = setUp();
  for (const text of ['h', 'he', 'hel']) {
    highlighter.write(text);
    await vi.advanceTimersByTimeAsync(DEBOUNCE / 2);
  }
  expect(asked).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  expect(asked.map((one) => one.paragraphs)).toEqual([['hel']]);
});

test('a late response for an old text is dropped', async () => {
  const { highlighter, asked } = setUp();
  highlighter.write('old');
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  highlighter.write('new');
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  asked[1]?.answer();
  await vi.advanceTimersByTimeAsync(1);
  asked[0]?.answer();
  await vi.advanceTimersByTimeAsync(1);
  expect(highlighter.first.found).toEqual([[expect.objectContaining({ text: 'n' })]]);
  expect(highlighter.first.busy).toBe(false);
});

test('only changed paragraphs are requested', async () => {
  const { highlighter, asked } = setUp();
  highlighter.write('one\ntwo');
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  asked[0]?.answer();
  await vi.advanceTimersByTimeAsync(1);
  highlighter.write('one\ntwo!');
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  expect(asked[1]?.paragraphs).toEqual(['two!']);
  expect(highlighter.first.found[0]).toHaveLength(1);
});

test('a failure is shown, and a retry clears it', async () => {
  const { highlighter, asked } = setUp();
  highlighter.write('one');
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  asked[0]?.refuse();
  await vi.advanceTimersByTimeAsync(1);
  expect(highlighter.first.failure?.message).toBe('gone');
  highlighter.request(0);
  await vi.advanceTimersByTimeAsync(1);
  asked[1]?.answer();
  await vi.advanceTimersByTimeAsync(1);
  expect(highlighter.first.failure).toBeUndefined();
  expect(highlighter.everFound).toBe(true);
});

test('another model starts with an empty cache', async () => {
  const { highlighter, asked } = setUp();
  highlighter.write('one');
  await vi.advanceTimersByTimeAsync(DEBOUNCE);
  asked[0]?.answer();
  await vi.advanceTimersByTimeAsync(1);
  highlighter.choose(highlighter.first, 'a');
  expect(highlighter.first.found).toEqual([undefined]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveLength(2);
});

const cuts: [string, string, [number, string][]][] = [
  ['nothing', '', []],
  ['one line', 'a', [[0, 'a']]],
  [
    'empty lines',
    'a\n\nb\n',
    [
      [0, 'a'],
      [2, ''],
      [3, 'b'],
    ],
  ],
  [
    'Windows lines',
    'a\r\nb',
    [
      [0, 'a'],
      [3, 'b'],
    ],
  ],
];
test.each(cuts)('paragraphs of %s', (_, text, expected) => {
  expect(paragraphsOf(text).map(({ start, text: words }) => [start, words])).toEqual(expected);
});

test('a very long line is cut, and nothing is lost or split in two', () => {
  for (const text of ['word '.repeat(2000), '🎉'.repeat(3000), 'x'.repeat(1999) + '🎉' + 'y'.repeat(3000)]) {
    const paragraphs = paragraphsOf(text);
    expect(paragraphs.length).toBeGreaterThan(1);
    expect(paragraphs.map((paragraph) => paragraph.text).join('')).toBe(text);
    expect(paragraphs.every((paragraph) => text.slice(paragraph.start).startsWith(paragraph.text))).toBe(true);
    expect(paragraphs.every((paragraph) => !/^[\uDC00-\uDFFF]/.test(paragraph.text))).toBe(true);
  }
});

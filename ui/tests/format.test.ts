// Numbers, sizes and times as the window shows them.

import { expect, test } from 'vitest';
import {
  bytes,
  clock,
  duration,
  estimate,
  fileName,
  moment,
  percent,
  roughly,
  score,
  short,
  small,
} from '../src/lib/format';

const cases: [(value: never) => string, [unknown, string][]][] = [
  [
    bytes as never,
    [
      [0, '0\u00a0bytes'],
      [999, '999\u00a0bytes'],
      [1000, '1.00\u00a0kB'],
      [90_900_000, '90.9\u00a0MB'],
      [999_700, '1.00\u00a0MB'],
      [1.34e9, '1.34\u00a0GB'],
    ],
  ],
  [
    roughly as never,
    [
      [812e6, '810\u00a0MB'],
      [1.26e9, '1.3\u00a0GB'],
      [4e9, '4\u00a0GB'],
      [100e6, '100\u00a0MB'],
      [996e6, '1\u00a0GB'],
    ],
  ],
  [
    short as never,
    [
      [999, '999'],
      [1500, '1.5\u00a0k'],
      [22_700_000, '22.7\u00a0M'],
      [110e6, '110\u00a0M'],
      [1.2e9, '1.2\u00a0B'],
    ],
  ],
  [
    duration as never,
    [
      [0.4, '0\u00a0s'],
      [59.6, '1\u00a0min'],
      [200, '3\u00a0min 20\u00a0s'],
      [2400, '40\u00a0min'],
      [7500, '2\u00a0h 5\u00a0min'],
      [7199, '2\u00a0h'],
      [Infinity, '–'],
    ],
  ],
  [
    score as never,
    [
      [0.8421, '84.2'],
      [1, '100.0'],
      [null, '–'],
      [NaN, '–'],
    ],
  ],
  [
    small as never,
    [
      [5e-5, '5e-5'],
      [0.00012, '1.2e-4'],
      [0.25, '0.25'],
      [0, '0'],
      [1.23456, '1.23'],
    ],
  ],
  [
    fileName as never,
    [
      ['/a/b.jsonl', 'b.jsonl'],
      ['C:\\a\\b.txt', 'b.txt'],
      ['b', 'b'],
    ],
  ],
];
test.each(cases)('%o', (format, values) => {
  for (const [value, expected] of values) expect(format(value as never)).toBe(expected);
});

test('an invalid time is a dash, and the current year is omitted', () => {
  expect(moment('nonsense')).toBe('–');
  expect(clock('nonsense')).toBe('–');
  const now = new Date('2026-11-23T12:00:00');
  expect(moment('2026-11-18T09:12:00', now)).toBe('18 Nov, 09:12');
  expect(moment('2025-01-02T09:12:00', now)).toContain('2025');
  expect(percent(0.256, 1)).toBe('25.6\u00a0%');
});

test('an estimate is rounded, and a range where there is one', () => {
  const shown = (least: number, most?: number) => estimate(least, most).replaceAll('\u00a0', ' ');
  expect(shown(3)).toBe('5 s');
  expect(shown(48)).toBe('50 s');
  expect(shown(58)).toBe('1 min');
  expect(shown(200)).toBe('3 min');
  expect(shown(7512)).toBe('2 h 5 min');
  expect(shown(240, 360)).toBe('4–6 min');
  expect(shown(240, 250)).toBe('4 min');
  expect(shown(50, 100)).toBe('50 s – 2 min');
  expect(shown(3300, 4200)).toBe('55 min – 1 h 10 min');
  expect(shown(3600, 7200)).toBe('1–2 h');
  expect(estimate(NaN)).toBe('–');
});

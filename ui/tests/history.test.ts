// The history of repairs: what was done at once is one step, whatever lies before or after it.

import { expect, test } from 'vitest';
import type { Repair } from '../src/lib/client/client';
import { lastStep, nextStep, withNext, withoutLast, withRepairs } from '../src/lib/state/history';

const trim: Repair = { repair: 'trim-spans' };
const snap: Repair = { repair: 'snap-to-words' };
const tags: Repair = { repair: 'repair-tags' };
const none = { repairs: [], undone: [] };

test('repairs that were asked for at once are undone and redone at once', () => {
  const all = withRepairs(withRepairs(none, [tags]), [trim, snap]);
  expect(lastStep(all)).toEqual([trim, snap]);
  const one = withoutLast(all);
  expect([one.repairs, one.undone]).toEqual([[tags], [snap, trim]]);
  expect(lastStep(one)).toEqual([tags]);
  const empty = withoutLast(one);
  expect([empty.repairs, empty.undone]).toEqual([[], [snap, trim, tags]]);
  expect(nextStep(empty)).toEqual([tags]);
  expect(nextStep(withNext(empty))).toEqual([trim, snap]);
  expect(withNext(withNext(empty))).toEqual(all);
});

test('a repair in place of what was undone is a step of its own', () => {
  const undone = withoutLast(withRepairs(none, [trim, snap]));
  const both = withRepairs(withRepairs(undone, [tags]), [trim]);
  expect(lastStep(both)).toEqual([trim]);
  expect([both.undone, both.at_once]).toEqual([[], []]);
});

test('without a history there is nothing to undo or redo', () => {
  expect([lastStep(none), nextStep(none)]).toEqual([[], []]);
});

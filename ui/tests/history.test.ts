// The history of repairs: what was done at once is one step, whatever lies before or after it.

import { expect, test } from 'vitest';
import type { Repair } from '../src/lib/client/client';
import {
  type Ignoring,
  Ignorings,
  lastStep,
  nextStep,
  withNext,
  withoutLast,
  withRepairs,
} from '../src/lib/state/history';

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

test('what is ignored stands between the repairs, of each data set by itself', () => {
  const ignorings = new Ignorings();
  const ignored = (repairs: number): Ignoring => ({ set: 'a', code: 'overlap', before: null, after: 2, repairs });
  const after = (...repairs: Repair[]) => ({ id: 'a', repairs });
  const [first, second] = [ignored(0), ignored(1)];
  ignorings.add(first);
  // The repair came later, and goes first.
  expect(ignorings.last(after(trim))).toBeUndefined();
  ignorings.add(second);
  expect(ignorings.last(after(trim))).toBe(second);
  expect(ignorings.last({ id: 'b', repairs: [] })).toBeUndefined();
  ignorings.undo(second);
  expect(ignorings.last(after(trim))).toBeUndefined();
  expect(ignorings.last(after())).toBe(first);
  ignorings.undo(first);
  expect(ignorings.next(after())).toBe(first);
  ignorings.redo(first);
  // Before the repair is done again, there is nothing of its time to ignore again.
  expect(ignorings.next(after())).toBeUndefined();
  expect(ignorings.next(after(trim))).toBe(second);
  // A change in its place.
  ignorings.changed('a');
  expect(ignorings.next(after(trim))).toBeUndefined();
});

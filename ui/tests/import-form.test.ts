// The repairs that are chosen in the import dialog: those that were added with one press are one step of undo.

import { expect, test } from 'vitest';
import type { Repair } from '../src/lib/client/client';
import { createFake } from '../src/lib/client/fake';
import { ImportForm } from '../src/lib/state/import-form.svelte';

const SAFE: Repair[] = [{ repair: 'repair-tags' }, { repair: 'trim-spans' }, { repair: 'snap-to-words' }];
const DUPLICATES: Repair = { repair: 'drop-duplicates', near: false };

/** What an import with the repairs of a form is asked to do, and which of it at once. */
async function asked(choose: (form: ImportForm) => void): Promise<[string[], [number, number][] | undefined]> {
  const { client } = createFake();
  client.data.inspect = async () =>
    ({ files: [], preview: [], report: { files: [], groups: [], issues: [] } }) as never;
  let found: [string[], [number, number][] | undefined] = [[], undefined];
  client.data.import = async ({ repairs, at_once }) => {
    found = [repairs.map(({ repair }) => repair), at_once];
    return { id: 'notes', name: 'notes', repairs } as never;
  };
  const form = new ImportForm(client);
  form.add(['/x/notes.jsonl']);
  form.setName('notes');
  choose(form);
  expect((await form.import())?.name).toBe('notes');
  return found;
}

test.each<[string, (form: ImportForm) => void, string[], [number, number][]]>([
  [
    'behind another repair',
    (form) => {
      form.addRepairs([DUPLICATES]);
      form.addSafe(SAFE);
    },
    ['drop-duplicates', 'repair-tags', 'trim-spans', 'snap-to-words'],
    [[2, 5]],
  ],
  [
    'before another repair',
    (form) => {
      form.addSafe(SAFE);
      form.addRepairs([DUPLICATES]);
    },
    ['repair-tags', 'trim-spans', 'snap-to-words', 'drop-duplicates'],
    [[1, 4]],
  ],
  [
    'less one that was taken out',
    (form) => {
      form.addSafe(SAFE);
      form.removeRepair(form.repairs[1] as Repair);
    },
    ['repair-tags', 'snap-to-words'],
    [[1, 3]],
  ],
  [
    'with two presses',
    (form) => {
      form.addSafe(SAFE.slice(0, 2));
      form.addSafe([...SAFE, DUPLICATES]);
    },
    ['repair-tags', 'trim-spans', 'snap-to-words', 'drop-duplicates'],
    [
      [1, 3],
      [3, 5],
    ],
  ],
  ['a single one', (form) => form.addSafe(SAFE.slice(0, 1)), ['repair-tags'], []],
])('what is chosen with one press is one step: %s', async (_, choose, repairs, atOnce) => {
  expect(await asked(choose)).toEqual([['hold-out', ...repairs], atOnce]);
});

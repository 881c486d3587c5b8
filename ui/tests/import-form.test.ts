// The repairs that are chosen in the import dialog: safe ones that were added with one press become one step.

import { expect, test } from 'vitest';
import type { DataSet, Repair } from '../src/lib/client/client';
import { Failure } from '../src/lib/client/client';
import { createFake } from '../src/lib/client/fake';
import { ImportForm } from '../src/lib/state/import-form.svelte';

const SAFE: Repair[] = [{ repair: 'repair-tags' }, { repair: 'trim-spans' }, { repair: 'snap-to-words' }];
const DUPLICATES: Repair = { repair: 'drop-duplicates', near: false };

/** A form over a client that notes what it is asked to do. */
function formWith(repairSafe: () => Promise<DataSet>) {
  const asked: [string, string[]][] = [];
  const { client } = createFake();
  client.data.inspect = async () =>
    ({ files: [], preview: [], report: { files: [], groups: [], issues: [] } }) as never;
  client.data.import = async ({ repairs }) => {
    asked.push(['import', repairs.map(({ repair }) => repair)]);
    return { id: 'notes', name: 'notes', repairs } as never;
  };
  client.data.repairSafe = async (id) => {
    asked.push(['repairSafe', [id]]);
    return repairSafe();
  };
  const form = new ImportForm(client);
  form.add(['/x/notes.jsonl']);
  form.setName('notes');
  return { form, asked };
}
const repaired = async () => ({ id: 'notes', name: 'repaired' }) as DataSet;

test('safe repairs at the end are done after the import, as one step', async () => {
  const { form, asked } = formWith(repaired);
  form.addRepairs([DUPLICATES]);
  form.addSafe(SAFE);
  expect((await form.import())?.name).toBe('repaired');
  expect(asked).toEqual([
    ['import', ['hold-out', 'drop-duplicates']],
    ['repairSafe', ['notes']],
  ]);
});

test.each<[string, (form: ImportForm) => void, string[]]>([
  [
    'another repair follows them',
    (form) => form.addRepairs([DUPLICATES]),
    ['repair-tags', 'trim-spans', 'snap-to-words', 'drop-duplicates'],
  ],
  ['one was taken out', (form) => form.removeRepair(form.repairs[1] as Repair), ['repair-tags', 'snap-to-words']],
])('they are done in their places if %s', async (_, change, expected) => {
  const { form, asked } = formWith(repaired);
  form.addSafe(SAFE);
  change(form);
  await form.import();
  expect(asked).toEqual([['import', ['hold-out', ...expected]]]);
});

test('if they fail, the data is imported, and the reason is known', async () => {
  const { form } = formWith(async () => Promise.reject(new Failure('io', 'the disk is full')));
  form.addSafe(SAFE);
  expect((await form.import())?.name).toBe('notes');
  expect(form.importing.failure?.message).toBe('the disk is full');
});

// Data: without data, while it loads, failed, and in use.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { type DataSet, Failure } from '../src/lib/client/client';
import { openFindings, safeOnes } from '../src/lib/state/findings';
import { strings } from '../src/lib/strings';
import { choose, click, openAt, plain } from './mount';
import { settingOf, type SettingName, titleOf } from '../src/lib/state/settings';

const label = (name: SettingName) => titleOf(settingOf(name));

const words = strings.data;

test('without data it offers import and sample', async () => {
  await openAt('Data', { scenario: 'empty' });
  expect(await screen.findByText(words.empty)).toBeTruthy();
  await click(words.sample);
  expect(await screen.findByText(words.files)).toBeTruthy();
});

test('it waits for the data sets', async () => {
  await openAt('Data', { prepare: (switches) => switches.hang('data.list') });
  expect(await screen.findByText(words.loading)).toBeTruthy();
});

test('data sets that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Data', { prepare: (all) => all.refuse('data.list') });
  expect(await screen.findByText(words.failed)).toBeTruthy();
  switches.allow('data.list');
  await click(strings.common.retry);
  expect(await screen.findByText(words.files)).toBeTruthy();
});

test('the overview names the formats of all files of a split, as the import does', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  const formats = [words.dialects.plain, words.formats.conll].join(' + ');
  expect(await screen.findByRole('cell', { name: formats })).toBeTruthy();
});

test('the whole name of the chosen data set is its tooltip, where there is no room for it', async () => {
  const name = 'Interviews of northern hospitals, 2024, annotated twice and adjudicated';
  await openAt('Data', {
    prepare: (_, world) => {
      const [first] = world.data;
      if (first) world.data = [{ ...first, set: { ...first.set, name } }];
    },
  });
  expect((await screen.findByLabelText(words.choose)).title).toBe(name);
});

test('the overview counts what the files hold', async () => {
  await openAt('Data');
  const cells = (await screen.findAllByRole('cell')).map((cell) => cell.textContent);
  expect(cells.slice(3, 6)).toEqual(['320', '9,774', '1,026']);
});

test('documents are found by word and label', async () => {
  await openAt('Data');
  await click(words.tabs.documents, 'tab');
  expect(await screen.findByText('480 documents')).toBeTruthy();
  await choose(words.label, 'ERROR_CODE');
  await choose(words.search, 'HTTP');
  expect(await screen.findByText(/^\d{1,2} documents?$/)).toBeTruthy();
  await choose(words.search, 'no such words');
  expect(await screen.findByText(words.noneFound)).toBeTruthy();
  await click(words.removeFilters);
  expect(await screen.findByText('480 documents')).toBeTruthy();
});

test('a failure to read documents can be tried again', async () => {
  const { switches } = await openAt('Data', { prepare: (all) => all.refuse('data.documents') });
  await click(words.tabs.documents, 'tab');
  expect(await screen.findByText(words.documentsFailed)).toBeTruthy();
  switches.allow('data.documents');
  await click(strings.common.retry);
  expect(await screen.findByText('480 documents')).toBeTruthy();
});

test('findings name the kind, the first place and the fix, and lead to every place', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const group = within(await screen.findByRole('region', { name: words.findings.titles['tag-repaired'] as string }));
  // A line says nothing without its file; the repair says what it does in place of a hint for the command line.
  expect(group.getByText(/\(old-notes\.conll, line 45\)/)).toBeTruthy();
  expect(group.queryByText(/^What to do/)).toBeNull();
  expect(group.getByText(words.repair.about['repair-tags'] as string)).toBeTruthy();
  const shared = within(screen.getByRole('region', { name: words.findings.titles['overlap'] as string }));
  shared.getByRole('button', { name: words.findings.places(2) }).click();
  expect(await shared.findByText('Dev, line 13')).toBeTruthy();
  expect(shared.getByText('Dev, line 14')).toBeTruthy();
});

test('findings are filtered by severity and kind', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const repeated = words.findings.titles['duplicate'] as string;
  expect(await screen.findByRole('heading', { name: repeated })).toBeTruthy();
  await click(/^Warnings/);
  expect(screen.queryByRole('heading', { name: repeated })).toBeNull();
  await click(words.findings.all);
  await choose(words.findings.kind, 'duplicate');
  expect(screen.getByRole('heading', { name: repeated })).toBeTruthy();
  expect(screen.queryByRole('heading', { name: words.findings.titles['tag-repaired'] as string })).toBeNull();
});

test('locations that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Data', { prepare: (all) => all.refuse('data.findings') });
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const group = within(await screen.findByRole('region', { name: words.findings.titles['overlap'] as string }));
  group.getByRole('button', { name: words.findings.places(2) }).click();
  expect(await screen.findByText(words.findings.failed)).toBeTruthy();
  switches.allow('data.findings');
  await click(strings.common.retry);
  expect(await screen.findByText('Dev, line 13')).toBeTruthy();
});

test('a finding leads to its document, which is marked, and back', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const group = within(await screen.findByRole('region', { name: words.findings.titles['span-edge-space'] as string }));
  group.getByRole('button', { name: /^Show it/ }).click();
  (await group.findAllByRole('button', { name: /^Show in the text/ }))[0]?.click();
  const document = await waitFor(() => {
    const found = window.document.querySelector('.document[aria-current]');
    expect(found?.querySelector('.pointed')).toBeTruthy();
    return found as HTMLElement;
  });
  expect(document.textContent).toContain('Train, line');
  await click(words.backToFindings);
  expect(await screen.findByRole('heading', { name: words.findings.titles['span-edge-space'] as string })).toBeTruthy();
});

test('documents are filtered by their findings', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(words.tabs.documents, 'tab');
  await choose(words.finding, 'duplicate');
  expect(await screen.findByText('3 documents')).toBeTruthy();
});

test('a repair is previewed, applied, listed and undone', async () => {
  const { world } = await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  await click(/^Drop duplicates/);
  expect(await screen.findByText('3 documents are dropped.')).toBeTruthy();
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getAllByText(words.repair.gone)).toHaveLength(3);
  const train = () => world.data.find((entry) => entry.set.id === 'field-notes')?.documents['train']?.length;
  expect(train()).toBe(48);
  await click(words.repair.apply);
  await waitFor(() => expect(train()).toBe(45));
  await waitFor(() =>
    expect(screen.queryByRole('heading', { name: words.findings.titles['duplicate'] as string })).toBeNull(),
  );
  await click(/^Repairs/, 'tab');
  expect(await screen.findByText('Duplicate documents dropped')).toBeTruthy();
  await click(strings.common.undo);
  expect(await screen.findByText(words.recipe.none)).toBeTruthy();
  expect(train()).toBe(48);
  await click(words.recipe.redo('duplicate documents dropped'));
  expect(await screen.findByText('Duplicate documents dropped')).toBeTruthy();
  expect(train()).toBe(45);
});

const press = (more: KeyboardEventInit) =>
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ctrlKey: true, ...more }),
  );

test('Ctrl+Z undoes a repair, Ctrl+Shift+Z redoes it', async () => {
  const { world } = await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  await click(/^Drop duplicates/);
  await screen.findByText('3 documents are dropped.');
  await click(words.repair.apply);
  const repairs = () => world.data.find((entry) => entry.set.id === 'field-notes')?.set.repairs.length;
  await waitFor(() => expect([repairs(), document.querySelector('.dialog')]).toEqual([1, null]));
  press({ key: 'z' });
  await waitFor(() => expect(repairs()).toBe(0));
  await screen.findByText(words.repair.undone('Duplicate documents dropped'));
  press({ key: 'Z', shiftKey: true });
  await waitFor(() => expect(repairs()).toBe(1));
});

test('a preview that takes long can be stopped, and tried again', async () => {
  await openAt('Data', { tick: 400 });
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  await click(/^Drop duplicates/);
  await click(strings.common.stop);
  expect(await screen.findByText(words.stopped)).toBeTruthy();
  await click(strings.common.retry);
  expect(await screen.findByText('3 documents are dropped.', {}, { timeout: 4000 })).toBeTruthy();
});

test('an export that takes long can be stopped', async () => {
  await openAt('Data', { tick: 100 });
  await choose(words.choose, 'field-notes');
  await click(words.export.button);
  await screen.findByText(/The format/);
  await click(words.export.go);
  await click(strings.common.stop);
  expect(screen.queryByText(/^Exported to/)).toBeNull();
  expect(await screen.findByRole('button', { name: words.export.go })).toBeTruthy();
});

test('a repair that is refused says why and stays open', async () => {
  await openAt('Data', {
    prepare: (all) =>
      all.refuse('data.repair', new Failure('in-use', 'a run is using this data', 'wait until it is done')),
  });
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  await click(/^Drop duplicates/);
  await screen.findByText('3 documents are dropped.');
  await click(words.repair.apply);
  expect(await screen.findByText('A run is using this data')).toBeTruthy();
  expect(screen.getByRole('button', { name: words.repair.apply })).toBeTruthy();
});

test('labels are renamed, merged and dropped in one repair', async () => {
  const { world } = await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(words.tabs.labels, 'tab');
  await choose(words.labelEditor.nameOf('ORG'), 'COMPANY');
  await click(words.labelEditor.dropOf('DATE'));
  for (const label of ['PERSON', 'Person']) (await screen.findByLabelText(words.labelEditor.choose(label))).click();
  await choose(words.labelEditor.mergeInto(2), 'PERSON');
  await click(words.labelEditor.merge);
  expect(screen.getByText(words.labelEditor.changes(3))).toBeTruthy();
  await click(words.labelEditor.preview);
  expect(await screen.findByText(/entities change/)).toBeTruthy();
  await click(words.repair.apply);
  await waitFor(() => {
    const found = world.data.find((entry) => entry.set.id === 'field-notes');
    expect(found?.set.repairs).toEqual([
      { repair: 'map-labels', labels: { ORG: 'COMPANY', DATE: null, Person: 'PERSON' } },
    ]);
  });
  expect(await screen.findByLabelText(words.labelEditor.nameOf('COMPANY'))).toBeTruthy();
  expect(screen.queryByLabelText(words.labelEditor.nameOf('Person'))).toBeNull();
});

test('a label needs a name', async () => {
  await openAt('Data');
  await click(words.tabs.labels, 'tab');
  await choose(words.labelEditor.nameOf('ORG'), ' ');
  expect(await screen.findByText(words.labelEditor.empty)).toBeTruthy();
  expect((screen.getByRole('button', { name: words.labelEditor.preview }) as HTMLButtonElement).disabled).toBe(true);
});

test('a data set is split again with shares that add up to 100 %', async () => {
  const { world } = await openAt('Data');
  await click(words.split.button);
  await choose(words.split.percent('Train'), '70');
  expect((await screen.findAllByText(plain(words.split.sum('90')))).length).toBeGreaterThan(0);
  expect((screen.getByRole('button', { name: words.split.go }) as HTMLButtonElement).disabled).toBe(true);
  await choose(words.split.percent('Dev'), '20');
  await click(words.split.go);
  await waitFor(() =>
    expect(world.data.at(-1)?.set.check.files.map((file) => [file.split, file.documents])).toEqual([
      ['train', 336],
      ['dev', 96],
      ['test', 48],
    ]),
  );
});

test('a sample keeps the requested number of documents', async () => {
  const { world } = await openAt('Data');
  await click(/^Repairs/, 'tab');
  await click(words.sampling.button);
  await choose(words.sampling.keep, '320');
  expect(await screen.findByText(words.sampling.range(320))).toBeTruthy();
  expect((screen.getByRole('button', { name: words.sampling.go }) as HTMLButtonElement).disabled).toBe(true);
  await choose(words.sampling.keep, '50');
  await click(words.sampling.go);
  await waitFor(() => expect(world.data.at(-1)?.documents['train']).toHaveLength(50));
  expect(await screen.findByText('Train keeps 50 documents; seed 42.')).toBeTruthy();
});

test('an export says beforehand what the format cannot hold', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(words.export.button);
  expect(await screen.findByText(/cannot hold everything/)).toBeTruthy();
  await choose(words.export.format, 'prodigy');
  expect(await screen.findByText(/can hold all of it/)).toBeTruthy();
  await click(words.export.go);
  expect(await screen.findByText(words.export.done('/home/sam/Documents/export.jsonl'))).toBeTruthy();
});

test('statistics that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Data', { prepare: (all) => all.refuse('data.statistics') });
  expect(await screen.findByText(words.opening.failed)).toBeTruthy();
  switches.allow('data.statistics');
  await click(strings.common.retry);
  expect(await screen.findByText(words.statistics.perDocument)).toBeTruthy();
});

test('the overlap between splits is counted', async () => {
  await openAt('Data');
  expect(await screen.findByText(words.statistics.overlapNone)).toBeTruthy();
  await choose(words.choose, 'field-notes');
  expect(await screen.findByText(words.statistics.same(2))).toBeTruthy();
});

test('a deletion that is refused leaves the set and says why', async () => {
  const { world } = await openAt('Data', {
    prepare: (switches) =>
      switches.refuse('data.remove', new Failure('in-use', 'a run is using this data', 'wait until it is done')),
  });
  await click(words.remove);
  await click(strings.common.remove);
  expect(await screen.findByText('A run is using this data')).toBeTruthy();
  expect(world.data).toHaveLength(2);
});

test('the check against a model adds to the findings', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click('Train');
  await choose(label('max_length'), '12');
  await click('Data');
  await click(/^Findings/, 'tab');
  await choose(words.withModel.label, 'starter');
  const group = within(await screen.findByRole('region', { name: words.findings.titles['too-long'] as string }));
  expect(screen.getByText(words.withModel.several)).toBeTruthy();
  group.getByRole('button', { name: /^Show (it|all)/ }).click();
  (await group.findAllByRole('button', { name: /^Show in the text/ }))[0]?.click();
  await waitFor(() => expect(window.document.querySelector('.document[aria-current]')).toBeTruthy());
  await click(words.backToFindings);
  expect(await screen.findByText(words.withModel.several)).toBeTruthy();
});

test('findings that are safe are repaired, undone and redone at once', async () => {
  const { world } = await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const set = () => world.data.find((entry) => entry.set.id === 'field-notes')?.set;
  const safe = safeOnes(openFindings(set() as DataSet)).length;
  expect(safe).toBeGreaterThan(1);
  await click(`${words.findings.safe(safe)}…`);
  expect(await screen.findByRole('heading', { name: words.findings.safeTitle(safe) })).toBeTruthy();
  await click(words.findings.safeGo);
  await waitFor(() => expect(set()?.repairs).toHaveLength(safe));
  const before = set()?.version ?? 0;
  // One click was one step, back and forth.
  await click(strings.common.undo);
  await waitFor(() => expect([set()?.repairs.length, set()?.version]).toEqual([0, before + 1]));
  await click(words.repair.redo);
  await waitFor(() => expect([set()?.repairs.length, set()?.version]).toEqual([safe, before + 2]));
});

test('a finding is ignored, listed as such, and shown again', async () => {
  const { world } = await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const title = words.findings.titles['duplicate'] as string;
  await click(words.findings.ignoreOf(title));
  await waitFor(() => expect(screen.queryByRole('heading', { name: title })).toBeNull());
  const ignored = () => world.data.find((entry) => entry.set.id === 'field-notes')?.set.ignored;
  expect(Object.keys(ignored() ?? {})).toEqual(['duplicate']);
  expect(await screen.findByText(words.findings.ignored(1))).toBeTruthy();
  await click(words.findings.showAgainOf(title));
  expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
  expect(ignored()).toEqual({});
});

test('Ctrl+Z shows an ignored finding again, in its turn with the repairs, and Ctrl+Shift+Z ignores it again', async () => {
  const { world } = await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  const { titles, ignoreOf, ignoredNow, shownAgain } = words.findings;
  await click(ignoreOf(titles.overlap));
  await screen.findByText(ignoredNow(titles.overlap));
  await click(/^Drop duplicates/);
  await screen.findByText('3 documents are dropped.');
  await click(words.repair.apply);
  const now = () => {
    const set = world.data.find((entry) => entry.set.id === 'field-notes')?.set;
    return [Object.keys(set?.ignored ?? {}), set?.repairs.length];
  };
  await waitFor(() => expect([now(), document.querySelector('.dialog')]).toEqual([[['overlap'], 1], null]));
  press({ key: 'z' });
  await waitFor(() => expect(now()).toEqual([['overlap'], 0]));
  await screen.findByText(words.repair.undone('Duplicate documents dropped'));
  press({ key: 'z' });
  await waitFor(() => expect(now()).toEqual([[], 0]));
  expect(await screen.findByText(shownAgain(titles.overlap))).toBeTruthy();
  // Another screen in between changes nothing.
  await click('Models');
  await click('Data');
  await screen.findByRole('heading', { name: titles.overlap });
  press({ key: 'Z', shiftKey: true });
  await waitFor(() => expect(now()).toEqual([['overlap'], 0]));
  press({ key: 'y' });
  await waitFor(() => expect(now()).toEqual([['overlap'], 1]));
});

test('the overview and the first steps point to findings before training', async () => {
  await openAt('Data');
  await choose(words.choose, 'field-notes');
  await click(words.findings.lookAt);
  expect(await screen.findByRole('region', { name: words.findings.titles['duplicate'] as string })).toBeTruthy();
});

test('findings have one number everywhere: errors and warnings, without notes', async () => {
  const { world } = await openAt('Data', {
    prepare: (_, world) => {
      const set = world.data.find((entry) => entry.set.id === 'field-notes')!.set;
      expect(set.check.groups.some((group) => group.severity !== 'info')).toBe(true);
      set.check.groups.push({ ...set.check.groups[0]!, code: 'encoding', severity: 'info' });
    },
  });
  await choose(strings.data.choose, 'field-notes');
  const set = world.data.find((entry) => entry.set.id === 'field-notes')!.set;
  const number = set.check.groups.filter((group) => group.severity !== 'info').length;
  expect(openFindings(set)).toHaveLength(number);
  expect(await screen.findByText(strings.data.findings.look(number))).toBeTruthy();
  expect(screen.getByRole('tab', { name: `${strings.data.tabs.findings} ${number}` })).toBeTruthy();
  await click('Train');
  await choose(strings.train.data, 'field-notes');
  expect(screen.getByTestId('run-findings').textContent).toContain(strings.train.openFindings(number));
});

// The import dialog: files are chosen or dropped, inspected, read with other options, repaired, imported.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { AS_FOUND } from '../src/lib/state/import-form.svelte';
import { strings } from '../src/lib/strings';
import { choose, click, openAt, type Opening, plain } from './mount';

const words = strings.data.importer;

async function openWith(paths: string[], opening: Opening = {}) {
  const fake = await openAt('Data', opening);
  fake.world.nextFiles = paths;
  // The system's dialog opens by itself.
  await click(strings.data.import);
  return fake;
}

test('a file is chosen, inspected and imported', async () => {
  const { world } = await openWith(['/home/sam/Documents/tickets-2026.jsonl']);
  expect(await screen.findByText(/^320 documents, 1,026 entities/)).toBeTruthy();
  await click(words.go);
  expect(await screen.findByText(words.done('tickets-2026'))).toBeTruthy();
  expect(world.data.at(-1)?.set.check.files.map((file) => [file.split, file.documents])).toEqual([
    ['train', 256],
    ['dev', 32],
    ['test', 32],
  ]);
});

test('a broken file is not imported, and says where it is broken', async () => {
  await openWith(['/home/sam/Documents/broken.conll']);
  expect(await screen.findByText(words.blocked)).toBeTruthy();
  const card = within(screen.getByRole('region', { name: 'broken.conll' }));
  const fault = within(card.getByTestId('file-error'));
  // The card has the name of the file, and the line once.
  expect(plain(fault.getByText(/^Found 1 column/).textContent.trim())).toBe(
    'Found 1 column (ring), expected 2 separated by tabs (line 27)',
  );
  expect(fault.getByText(strings.data.findings.remedies.file['too-few-columns'])).toBeTruthy();
  expect((screen.getByRole('button', { name: words.go }) as HTMLButtonElement).disabled).toBe(true);
  await click(words.remove('broken.conll'));
  expect(await screen.findByText(words.dropTitle)).toBeTruthy();
});

test('files that were corrected meanwhile are read again', async () => {
  const { client } = await openWith(['/home/sam/Documents/broken.conll']);
  await screen.findByText(words.blocked);
  const asked: string[][] = [];
  const inspect = client.data.inspect;
  client.data.inspect = (request, job) => {
    asked.push(request.files.map(({ path }) => path));
    return inspect(request, job);
  };
  await click(words.readAgain);
  await waitFor(() => expect(asked).toEqual([['/home/sam/Documents/broken.conll']]));
  expect(await screen.findByText(words.blocked)).toBeTruthy();
});

test('dropped files open the import with their splits', async () => {
  const { world } = await openAt('Data');
  await screen.findByText(strings.data.files);
  for (const listener of world.listeners.drag)
    listener({ phase: 'drop', paths: ['/x/tickets-2026.jsonl', '/x/tickets-2026-test.jsonl'] });
  expect(await screen.findByText('tickets-2026-test.jsonl')).toBeTruthy();
  await screen.findByText(/^420 documents/);
  // What is held out of train is one line, until it is changed.
  expect(screen.getByText(plain(words.shares(90, 10, null)))).toBeTruthy();
  expect(screen.queryByLabelText(words.devShare)).toBeNull();
  await click(words.sharesChange);
  expect(screen.queryByLabelText(words.testShare)).toBeNull();
  await choose(words.devShare, '20');
  expect(await screen.findByText(plain(words.shares(80, 20, null)))).toBeTruthy();
  await click(words.sharesDone);
  expect(screen.queryByLabelText(words.devShare)).toBeNull();
});

test('shares that cannot be are shown until they can', async () => {
  await openWith(['/x/tickets-2026.jsonl']);
  await screen.findByText(/^320 documents/);
  await click(words.sharesChange);
  await choose(words.devShare, '100');
  await click(words.sharesDone);
  expect((await screen.findAllByText(plain(words.shareFault))).length).toBeGreaterThan(0);
  expect((screen.getByRole('button', { name: words.go }) as HTMLButtonElement).disabled).toBe(true);
});

test('files that are imported again get a name of their own, and none may be taken or empty', async () => {
  await openWith(['/x/tickets-2026.jsonl'], {
    prepare: (_, world) => {
      const entry = world.data[0]!;
      entry.set = { ...entry.set, name: 'tickets-2026' };
    },
  });
  expect(((await screen.findByLabelText(words.name)) as HTMLInputElement).value).toBe('tickets-2026 2');
  await screen.findByText(/^320 documents/);
  await choose(words.name, 'Support Tickets');
  expect(await screen.findByText(strings.common.nameTaken)).toBeTruthy();
  expect((screen.getByRole('button', { name: words.go }) as HTMLButtonElement).disabled).toBe(true);
  await choose(words.name, '');
  expect(await screen.findByText(strings.common.needName)).toBeTruthy();
});

test('a lone dev file is nothing to train on, and nothing is held out of it', async () => {
  const { world, client } = await openWith([]);
  const inspect = client.data.inspect;
  client.data.inspect = async (request, job) => {
    const found = structuredClone(await inspect(request, job));
    for (const member of found.files.flatMap((file) => file.members)) member.split = 'dev';
    return found;
  };
  world.nextFiles = ['/x/tickets-2026.jsonl'];
  await click(words.pickFiles);
  expect(await screen.findByText(words.noTrain)).toBeTruthy();
  expect(screen.queryByText(words.sharesChange)).toBeNull();
});

test('a folder shows each file with its split', async () => {
  const { world } = await openWith([]);
  await click(words.pickFolder);
  const card = within(await screen.findByRole('region', { name: 'notes' }));
  expect(await card.findByText('dev.conll')).toBeTruthy();
  expect(screen.queryByText(words.sharesChange)).toBeNull();
  await click(words.go);
  expect(await screen.findByText(words.done('notes'), { exact: false })).toBeTruthy();
  expect(world.data.at(-1)?.set.check.files.map((file) => file.split)).toEqual(['train', 'dev', 'test']);
});

test('the offer to look at the findings of an import goes when they are looked at', async () => {
  await openWith([]);
  await click(words.pickFolder);
  await screen.findByText('dev.conll');
  await click(words.go);
  const notice = await screen.findByText(words.done('notes'), { exact: false });
  const list = within(notice.closest('section')!);
  expect(list.getByRole('button', { name: strings.data.findings.lookAt })).toBeTruthy();
  await click(/^Findings/, 'tab');
  await waitFor(() => expect(notice.isConnected).toBe(false));
});

test('a cancelled file dialog changes nothing', async () => {
  await openWith([]);
  expect(await screen.findByText(words.dropTitle)).toBeTruthy();
});

test('a heading chooses the role of its column, and the file is read again', async () => {
  const { client } = await openWith(['/x/old-notes.conll']);
  const asked: unknown[] = [];
  const inspect = client.data.inspect;
  client.data.inspect = (request, job) => {
    asked.push(request.files[0]?.reading);
    return inspect(request, job);
  };
  await screen.findByText(/^9 documents, 39 entities/);
  await click(words.change);
  expect(
    ((await screen.findByLabelText(words.columnIs('0', words.columnRoles.token))) as HTMLSelectElement).value,
  ).toBe('token');
  await choose(words.columnIs('1', words.columnRoles.none), 'tag');
  await waitFor(() => expect(asked).toEqual([{ ...AS_FOUND, tag_column: 1 }]));
  expect(await screen.findByText(words.blocked)).toBeTruthy();
  // The table stays, so that the choice can be changed.
  await choose(words.columnIs('2', words.columnRoles.none), 'tag');
  expect(await screen.findByText(/^9 documents, 39 entities/)).toBeTruthy();
  expect(asked.at(-1)).toEqual({ ...AS_FOUND, tag_column: 2 });
});

test('repairs chosen in the import are listed, removed, and applied with it', async () => {
  const { world } = await openWith(['/x/notes.jsonl']);
  await screen.findByText(/^39 documents/);
  const dialog = within(screen.getByRole('dialog'));
  dialog.getByRole('tab', { name: /^Findings/ }).click();
  await click(/^Drop duplicates/);
  expect(await screen.findByText(/^36 documents/)).toBeTruthy();
  await click(/^Trim entities/);
  dialog.getByRole('tab', { name: /^Repairs/ }).click();
  await click(words.removeRepair('Trim entities'));
  await waitFor(() =>
    expect((screen.getByRole('button', { name: words.go }) as HTMLButtonElement).disabled).toBe(false),
  );
  await click(words.go);
  expect(await screen.findByText(words.done('notes'), { exact: false })).toBeTruthy();
  // The splits without a file, which are held out, come first.
  expect(world.data.at(-1)?.set.repairs).toEqual([
    { repair: 'hold-out', shares: { dev: 0.1, test: 0.1 }, seed: 42 },
    { repair: 'drop-duplicates', near: false },
  ]);
});

test('an inspection shows its progress, and can be stopped and started again', async () => {
  await openWith(['/x/notes.jsonl'], { tick: 60 });
  expect(await screen.findByText(/reading/)).toBeTruthy();
  await click(strings.common.stop);
  expect(await screen.findByText(words.cancelled)).toBeTruthy();
  await click(strings.common.retry);
  expect(await screen.findByText(/^39 documents/)).toBeTruthy();
});

test('a failed inspection can be tried again', async () => {
  const { switches } = await openWith(['/x/notes.jsonl'], { prepare: (all) => all.refuse('data.inspect') });
  expect(await screen.findByText(words.lookFailed)).toBeTruthy();
  switches.allow('data.inspect');
  await click(strings.common.retry);
  expect(await screen.findByText(/^39 documents/)).toBeTruthy();
});

test('an import that is refused says why and stays open', async () => {
  const { world } = await openWith(['/x/notes.jsonl'], {
    prepare: (all) => all.refuse('data.import', new Failure('disk', 'the disk is full', 'make room')),
  });
  await screen.findByText(/^39 documents/);
  await click(words.go);
  expect(await screen.findByText('The disk is full')).toBeTruthy();
  expect(world.data).toHaveLength(2);
});

test('a new version of the files gets the same repairs', async () => {
  const { world } = await openAt('Data');
  await choose(strings.data.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  await click(/^Drop duplicates/);
  await screen.findByText('3 documents are dropped.');
  await click(strings.data.repair.apply);
  await waitFor(() => expect(world.data[0]?.set.repairs).toHaveLength(1));
  await click(/^Repairs/, 'tab');
  world.nextFiles = ['/x/notes-2.jsonl'];
  await click(strings.data.recipe.update);
  await screen.findByText(/^40 documents/);
  await click(words.goUpdate);
  expect(await screen.findByText(words.updated('Field notes'), { exact: false })).toBeTruthy();
  expect(world.data).toHaveLength(2);
});

test('what was undone before a new version of the files is not offered again', async () => {
  const { world, client } = await openAt('Data');
  const ignored = vi.spyOn(client.data, 'ignore');
  await choose(strings.data.choose, 'field-notes');
  await click(/^Findings/, 'tab');
  await click(/^Drop duplicates/);
  await screen.findByText('3 documents are dropped.');
  await click(strings.data.repair.apply);
  await waitFor(() => expect(world.data[0]?.set.repairs).toHaveLength(1));
  await waitFor(() => expect(document.querySelector('.dialog')).toBeNull());
  const { titles, ignoreOf, ignoredNow, shownAgain } = strings.data.findings;
  await click(ignoreOf(titles.overlap));
  await screen.findByText(ignoredNow(titles.overlap));
  await click(strings.common.undo);
  await screen.findByText(shownAgain(titles.overlap));
  expect(screen.getByRole('button', { name: strings.data.repair.redo })).toBeTruthy();
  await click(/^Repairs/, 'tab');
  world.nextFiles = ['/x/notes-2.jsonl'];
  await click(strings.data.recipe.update);
  await screen.findByText(/^40 documents/);
  await click(words.goUpdate);
  await screen.findByText(words.updated('Field notes'), { exact: false });
  expect(screen.queryByRole('button', { name: strings.data.repair.redo })).toBeNull();
  const before = ignored.mock.calls.length;
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Z', ctrlKey: true, shiftKey: true, bubbles: true }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ignored.mock.calls.length).toBe(before);
});

test('Esc does not lose repairs that were chosen', async () => {
  const { world } = await openWith(['/x/notes.jsonl']);
  await screen.findByText(/^39 documents/);
  const press = () =>
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }),
    );
  within(screen.getByRole('dialog'))
    .getByRole('tab', { name: /^Findings/ })
    .click();
  await click(/^Drop duplicates/);
  await screen.findByText(/^36 documents/);
  press();
  const question = within(await screen.findByRole('dialog', { name: words.leaveTitle }));
  question.getByRole('button', { name: strings.common.cancel }).click();
  expect(await screen.findByText(/^36 documents/)).toBeTruthy();
  expect(world.data).toHaveLength(2);
});

test('texts of several people: whose annotations are read is chosen, and the agreement shown by label', async () => {
  const { client, world } = await openWith(['/x/team-notes.json']);
  const asked: unknown[] = [];
  const inspect = client.data.inspect;
  client.data.inspect = (request, job) => {
    asked.push(request.files[0]?.reading.annotator);
    return inspect(request, job);
  };
  const card = within(await screen.findByRole('region', { name: 'team-notes.json' }));
  const rows = async () =>
    (await card.findAllByRole('row')).map((row) => within(row).queryAllByRole('cell')[0]?.textContent);
  expect(await rows()).toEqual([undefined, 'All labels', 'DATE', 'ORG', 'PERSON', 'PLACE', 'PRODUCT']);
  await choose(words.fields.annotator, 'majority');
  await waitFor(() => expect(asked).toEqual(['majority']));
  await choose(words.fields.annotator, 'ben@example.org');
  await waitFor(() => expect(asked).toEqual(['majority', 'ben@example.org']));
  await waitFor(() =>
    expect((screen.getByRole('button', { name: words.go }) as HTMLButtonElement).disabled).toBe(false),
  );
  await click(words.go);
  expect(await screen.findByText(words.done('team-notes'), { exact: false })).toBeTruthy();
  expect(world.data.at(-1)?.set.check.files[0]?.agreement?.[0]?.annotators.length).toBe(3);
  expect((await screen.findAllByText(strings.data.agreement.title)).length).toBeGreaterThan(0);
});

test('a partly labelled file offers to learn nothing from its unknown words', async () => {
  const { client } = await openWith(['/x/answered-notes.jsonl']);
  const asked: unknown[] = [];
  const inspect = client.data.inspect;
  client.data.inspect = (request, job) => {
    asked.push(request.files[0]?.reading);
    return inspect(request, job);
  };
  (await screen.findByLabelText(words.maskUnknown)).click();
  await waitFor(() => expect(asked).toEqual([{ ...AS_FOUND, mask_unknown: true }]));
});

test('a file that cannot be opened is easily taken off the list, and no shares are promised until then', async () => {
  const { client } = await openAt('Data', {});
  const inspect = client.data.inspect;
  client.data.inspect = async (request, job) => {
    const files = request.files.filter(({ path }) => path !== '/x/test.jsonl');
    const answer = await inspect({ ...request, files }, job);
    if (files.length === request.files.length) return answer;
    const error = { code: 'unreadable' as const, message: 'cannot open it', hint: null, line: 0, as_text: null };
    return { ...answer, files: [...answer.files, { path: '/x/test.jsonl', members: [], error: error as never }] };
  };
  client.data.pickFiles = async () => ['/home/sam/Documents/tickets-2026.jsonl', '/x/test.jsonl'];
  await click(strings.data.import);
  expect(await screen.findByText(words.blockedMissing)).toBeTruthy();
  expect(screen.getByText(words.sharesUnknown)).toBeTruthy();
  expect(screen.queryByText(/% to learn from/)).toBeNull();
  await click(words.takeOff);
  expect(plain((await screen.findByText(/% to learn from/)).textContent)).toBe(plain(words.shares(80, 10, 10)));
  expect(screen.queryByText(words.blockedMissing)).toBeNull();
});

test('line ends and the last character of an entity are read as the person says', async () => {
  const { client } = await openWith(['/x/tickets-2026.jsonl']);
  const asked: unknown[] = [];
  client.data.inspect = (request) => {
    asked.push(request.files[0]?.reading);
    return new Promise(() => {});
  };
  await screen.findByText(/^320 documents/);
  await click(words.change);
  await choose(words.fields.lineEnds, 'joined');
  (await screen.findByLabelText(words.inclusiveEnds)).click();
  await waitFor(() => expect(asked.at(-1)).toEqual({ ...AS_FOUND, line_ends: 'joined', inclusive_ends: true }));
});

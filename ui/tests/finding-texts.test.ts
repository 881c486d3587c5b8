// What findings, faults of files, notes on models and refused devices say in English, and what is for the command line.

import { describe, expect, test } from 'vitest';
import type { FileReport, Issue } from '../src/lib/client/contracts';
import { explain, isForCommandLine } from '../src/lib/shared/explain';
import { explainFault, remedyOf } from '../src/lib/state/finding-texts';
import { placeIn, whereOf } from '../src/lib/state/repairs';
import { strings, trees } from '../src/lib/strings';

const words = strings.data.findings;

const LANGUAGES = ['en', 'de', 'fr'] as const;
const PLACES = ['file', 'import', 'data'] as const;

describe.each(LANGUAGES)('remedies in %s', (language) => {
  const { importer, findings, recipe } = trees[language].data;
  const { remedies } = findings;
  const texts = PLACES.flatMap((place) => Object.values(remedies[place]).filter((text) => text !== null));

  test('name no switch and no command', () => {
    expect(texts.length).toBeGreaterThan(3 * 90);
    expect(texts.filter(isForCommandLine)).toEqual([]);
  });

  test('are sentences', () => {
    expect(texts.filter((text) => !/^\p{Lu}.*\.$/u.test(text))).toEqual([]);
  });

  test('name the controls of the window', () => {
    for (const place of PLACES) {
      expect(remedies[place]['not-utf8']).toContain(importer.fields.encoding);
      expect(remedies[place]['words-unknown']).toContain(importer.maskUnknown);
      expect(remedies[place]['tag-column']).toContain(importer.change);
    }
  });

  test('lead from Data to the import, and do not send to a dialog that is open', () => {
    for (const code of ['not-utf8', 'tag-column', 'span-reversed', 'likely-missed', 'span-overlapping'] as const) {
      expect(remedies.data[code]).toContain(recipe.update);
      for (const place of ['file', 'import'] as const) expect(remedies[place][code]).not.toContain(recipe.update);
    }
  });

  test('say what can only be changed outside of Tagsmith, and how the change is taken up', () => {
    for (const code of [
      'likely-missed',
      'label-unusual',
      'span-overlapping',
      'duplicate-labelled-differently',
    ] as const)
      expect(remedies.import[code]).toContain(importer.readAgain);
  });

  test('lead from words with two labels to the labels, which may be two spellings of one', () => {
    const { labels } = trees[language].data.tabs;
    for (const place of PLACES) {
      expect(remedies[place]['label-unusual']).toContain(labels);
      expect(remedies[place]['labels-alike']).toContain(labels);
    }
    expect(new Set(Object.values(findings.titles)).size).toBe(Object.keys(findings.titles).length);
  });

  test('offer to leave out only where the fault stands in the way', () => {
    expect(remedies.file['span-empty']).toContain(importer.dropInvalid);
    expect(remedies.import['span-empty']).not.toContain(importer.dropInvalid);
  });
});

test.each([
  ['read the file without them with `--drop-invalid`', true],
  ['name it: `--tag-column sc`', true],
  ['write each split to a file with `tagsmith data convert FILE FOLDER/`', true],
  ['write `B-PER`', false],
  ['an en dash – or -1 for the last', false],
  ['try a smaller --lr, for instance a third of it', true],
  ['run the tasks on this machine: `--runner local`', true],
  ['the folder `models/a--b/c`', false],
  ['install the toolkit, or `pip install --target /usr/lib nvidia-cuda`', false],
])('for the command line: %s', (text, expected) => {
  expect(isForCommandLine(text)).toBe(expected);
});

test('the hint of a failure that is for the command line gives way to one for the window', () => {
  const { hints } = strings.failures;
  const message = 'the device has too little memory';
  const hintOf = (code: string, hint: string | null) => explain({ code, message, hint }).next;
  expect(hintOf('memory', 'try a smaller --max-length, or `--device cpu`')).toBe(hints.memory);
  expect(hintOf('memory', 'close other programs')).toBe('close other programs');
  // One of a later version, and one that says nothing.
  expect(hintOf('new-one', 'continue with `tagsmith resume`')).toBeNull();
  expect(hintOf('memory', null)).toBeNull();
});

test('no text of a failure in any language is for the command line', () => {
  for (const { failures } of Object.values(trees)) {
    const texts = [...Object.values(failures.codes).flat(), ...Object.values(failures.hints)];
    expect(texts.filter((text) => text && isForCommandLine(text))).toEqual([]);
  }
});

test('what helps is said by the kind in English too; of a kind of a later version the engine says it', () => {
  expect(remedyOf('data', 'likely-missed', 'warning', 'label it `LOC`')).toBe(words.remedies.data['likely-missed']);
  expect(remedyOf('import', 'unreadable', 'error', null)).toBe(words.remedies.import.unreadable);
  expect(remedyOf('data', 'new-one', 'warning', 'label it')).toBe('label it');
  expect(remedyOf('data', 'new-one', 'warning', 'use `--new`')).toBeNull();
});

test('a note without advice needs nothing to be done', () => {
  expect(remedyOf('import', 'words-unknown', 'info', null)).toBeNull();
  expect(remedyOf('import', 'words-unknown', 'warning', 'use `--mask-unknown`')).toBe(
    words.remedies.import['words-unknown'],
  );
});

test('where the engine knows what a file is, it says what helps', () => {
  const fault = { message: 'found an image', line: null, as_text: null };
  const hint = 'the file looks like a ZIP archive: unpack it first';
  expect(explainFault({ ...fault, code: 'not-a-corpus', hint }).next).toBe(hint);
  expect(explainFault({ ...fault, code: 'not-a-corpus', hint: 'use `--format text`' }).next).toBe(
    words.remedies.file['not-a-corpus'],
  );
  expect(explainFault({ ...fault, code: 'several-files', hint: 'name one of them' }).next).toBe(
    words.remedies.file['several-files'],
  );
});

describe.each(LANGUAGES)('what is said in %s of faults that are left out', (language) => {
  const { findings, importer, repair } = trees[language].data;

  test('broken JSON takes no other record with it', () => {
    // As in `corpus/tests/records.rs`, `bad_values_among_good_ones`: the records around it are read.
    const old = /none of the file|nichts verwendet|rien du fichier/;
    expect(findings.reasons['bad-json']).not.toMatch(old);
  });

  test('the repair keeps entities that overlap, the option of the import does not', () => {
    const stay = { en: 'Entities that overlap stay.', de: 'überlappen, bleiben.', fr: 'chevauchent restent.' };
    expect(repair.about['drop-invalid']).toContain(stay[language]);
    expect(importer.dropInvalid).not.toBe(repair.names['drop-invalid'][0]);
    expect(importer.dropInvalid).toMatch(/overlap|überlapp|chevauche/i);
  });
});

test('entities that overlap have an option of the import, which is named, and called other than the repair', () => {
  for (const { data } of Object.values(trees)) {
    const option = data.importer.dropInvalid;
    const remedies = data.findings.remedies;
    expect(remedies.import['span-overlapping']).toContain(option);
    expect(remedies.data['span-overlapping']).not.toContain(option);
    expect(option.startsWith(data.repair.names['drop-invalid'][0])).toBe(false);
  }
});

test('a document of a split that was held out is named by the file that it stands in', () => {
  const part = (split: string, path: string) => ({ split, path }) as FileReport;
  const parts = [part('train', '/x/train.jsonl'), part('dev', '/x/train.jsonl'), part('test', '/x/test.jsonl')];
  expect(placeIn(parts, 'dev', null, 165)).toBe(`Dev, train.jsonl, ${strings.data.line(165)}`);
  expect(placeIn(parts, 'train', null, 3)).toBe(`Train, ${strings.data.line(3)}`);
  expect(placeIn(parts, 'test', null, 3)).toBe(`Test, ${strings.data.line(3)}`);
  expect(placeIn(parts, 'dev', 'b.jsonl', 3)).toBe(`Dev, b.jsonl, ${strings.data.line(3)}`);
  const issue = { place: { split: 'dev', document: 0 }, file: '/x/train.jsonl', line: 165 } as Issue;
  expect(whereOf(issue, parts)).toBe(`Dev, train.jsonl, ${strings.data.line(165)}`);
});

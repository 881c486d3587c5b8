// What findings, faults of files, notes on models and refused devices say in English, and what is for the command line.

import { describe, expect, test } from 'vitest';
import { explain, isForCommandLine } from '../src/lib/shared/explain';
import { remedyOf } from '../src/lib/state/finding-texts';
import { strings, trees } from '../src/lib/strings';

const words = strings.data.findings;

describe.each(['en', 'de', 'fr'] as const)('remedies in %s', (language) => {
  const { importer, findings } = trees[language].data;
  const texts = Object.values(findings.remedies).filter((text) => text !== null);

  test('name no switch and no command', () => {
    expect(texts.length).toBeGreaterThan(90);
    expect(texts.filter(isForCommandLine)).toEqual([]);
  });

  test('are sentences', () => {
    expect(texts.filter((text) => !/^\p{Lu}.*\.$/u.test(text))).toEqual([]);
  });

  test('name the controls of the window', () => {
    expect(findings.remedies['not-utf8']).toContain(importer.fields.encoding);
    expect(findings.remedies['span-empty']).toContain(importer.dropInvalid);
    expect(findings.remedies['words-unknown']).toContain(importer.maskUnknown);
    expect(findings.remedies['tag-column']).toContain(importer.change);
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

test('English says what the engine advises, unless that is for its command line', () => {
  expect(remedyOf('bad-tag', 'error', 'write `B-NNP`')).toBe('write `B-NNP`');
  expect(remedyOf('not-utf8', 'error', 'name its encoding with `--encoding`')).toBe(words.remedies['not-utf8']);
  expect(remedyOf('unreadable', 'error', null)).toBe(words.remedies.unreadable);
  // A kind of a later version.
  expect(remedyOf('new-one', 'warning', 'use `--new`')).toBeNull();
});

test('a note without advice needs nothing to be done', () => {
  expect(remedyOf('words-unknown', 'info', null)).toBeNull();
  expect(remedyOf('words-unknown', 'warning', 'use `--mask-unknown`')).toBe(words.remedies['words-unknown']);
});

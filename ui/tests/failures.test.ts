// Why something failed, in the language of the page: for each code that the programs behind it give.

import './speak/german';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { FAILURE_CODES, NOTE_CODES, WARNING_CODES } from '../src/lib/client/codes';
import { explain } from '../src/lib/shared/explain';
import { strings, trees } from '../src/lib/strings';
import { openAt } from './mount';

const SOURCES = join(__dirname, '../../src-tauri');

/** The Rust sources of the program, without those of tests. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'tests' ? [] : sources(join(folder, entry.name));
    const isSource = entry.name.endsWith('.rs') && entry.name !== 'tests.rs';
    return isSource ? [readFileSync(join(folder, entry.name), 'utf8').split('#[cfg(test)]')[0] as string] : [];
  });
}

function programs(): string[] {
  const crates = readdirSync(join(SOURCES, 'crates'));
  const folders = [join(SOURCES, 'src'), ...crates.map((name) => join(SOURCES, 'crates', name, 'src'))].filter(
    existsSync,
  );
  return folders.flatMap(sources);
}
const all = programs();
const engine = sources(join(SOURCES, 'crates', 'cli', 'src'));

function codesOfThePrograms(): string[] {
  const made = all.flatMap((text) => [...text.matchAll(/Failure::(?:new|plain)\(\s*"([a-z-]+)"/g)]);
  const ofKinds = all
    .flatMap((text) => [...text.matchAll(/fn code\(&self\) -> &'static str \{\n((?: {8}.*\n)+) {4}\}/g)])
    .flatMap(([, body]) => [...(body ?? '').matchAll(/"([a-z-]+)"/g)]);
  const ofTheEngine = engine.flatMap((text) => [...text.matchAll(/(?:with_code\(| code: )"([a-z-]+)"/g)]);
  return [...new Set([...made, ...ofKinds, ...ofTheEngine].map((found) => found[1] as string))].sort();
}

test('every code of the programs has a text, and no other has', () => {
  const codes = codesOfThePrograms();
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter((code) => !(FAILURE_CODES as readonly string[]).includes(code))).toEqual([]);
  const ofThePage = ['unexpected'];
  expect(FAILURE_CODES.filter((code) => !codes.includes(code) && !ofThePage.includes(code))).toEqual([]);
});

test('every warning of a run has a text', () => {
  const codes = all.flatMap((text) => [...text.matchAll(/\bwarn(?:ing)?\(\s*"([a-z-]+)"/g)].map(([, code]) => code));
  expect([...new Set(codes)].sort()).toEqual([...WARNING_CODES]);
});

test('every note on a model has a text', () => {
  const places = all.flatMap((text) => [
    ...text.matchAll(/\bNote::new\(\s*"([a-z-]+)"/g),
    ...text.matchAll(/\bModelNote \{\s*code: "([a-z-]+)"/g),
    ...text.matchAll(/\bconst APPENDED: &str = "([a-z-]+)"/g),
  ]);
  expect([...new Set(places.map(([, code]) => code))].sort()).toEqual([...NOTE_CODES]);
});

test('German and French say what happened and what to do, each in a sentence', () => {
  for (const tree of [trees.de, trees.fr]) {
    for (const [what, next] of Object.values(tree.failures.codes)) {
      expect(what, what).not.toMatch(/\.$/);
      if (next !== null) expect(next, next).toMatch(/\.$/);
    }
  }
});

test('a failure is explained by its code, with the words of the engine beneath', () => {
  const failure = new Failure('disk-full', 'cannot write `/x`: no space left', 'free some space');
  const [what, next] = trees.de.failures.codes['disk-full'] ?? [];
  expect(explain(failure)).toEqual({ what, next, original: failure.message });
  // A code of a later version.
  expect(explain({ ...failure, code: 'new-one', message: failure.message })).toEqual({
    what: failure.message,
    next: 'free some space',
    original: null,
  });
});

test('a view that failed speaks German, and keeps the detail', async () => {
  const message = 'cannot read `/home/sam/tagsmith/data`: permission denied';
  await openAt(strings.shell.names.data, {
    prepare: (switches) =>
      switches.refuse('data.list', new Failure('io', message, 'check that the folder may be read')),
  });
  const [what, next] = strings.failures.codes.io ?? [];
  expect(await screen.findByText(what as string)).toBeTruthy();
  expect(screen.getByText(next as string)).toBeTruthy();
  expect(screen.getByText(/permission denied/).closest('[lang="en"]')).toBeTruthy();
  expect(screen.queryByText(/Check that the folder/)).toBeNull();
});

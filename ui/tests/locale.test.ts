// Under LANG=C, WebKitGTK's language is not a language tag; the guard replaces it, and must come first.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guardLocale } from '../src/locale-guard';

const hosts: [string, unknown, string][] = [
  ['C becomes English', 'C', 'en'],
  ['nothing becomes English', '', 'en'],
  ['undefined becomes English', undefined, 'en'],
  ['POSIX becomes English', 'C.UTF-8', 'en'],
  ['a real language stays', 'pt-BR', 'pt-BR'],
];
test.each(hosts)('%s', (_, language, expected) => {
  const host = { language, languages: [language] } as unknown as Navigator;
  guardLocale(host);
  expect(host.language).toBe(expected);
  expect(() => new Intl.NumberFormat(host.language)).not.toThrow();
});

test('the guard is the first import of the window', () => {
  const main = readFileSync('src/main.ts', 'utf8');
  expect(/^import .*$/m.exec(main)?.[0]).toBe("import './locale-guard';");
});

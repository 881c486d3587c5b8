// The languages of the window: each complete, with its plurals and formats, chosen and changed as the person wants.

import { screen } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import shelf from '../src/lib/client/fake/recorded/shelf.json';
import { type Language, languageFor, LANGUAGES, spoken } from '../src/lib/language';
import { strings, trees } from '../src/lib/strings';
import { SPACES } from '../src/lib/strings/typography';
import { choose, click, openAt } from './mount';

const OTHERS = ['de', 'fr'] as const;

type Leaf = string | ((...values: unknown[]) => unknown);
/** The texts of a tree by their paths. */
function leaves(tree: unknown, path = ''): [string, Leaf][] {
  if (tree === null) return [];
  if (typeof tree === 'string' || typeof tree === 'function') return [[path, tree as Leaf]];
  return Object.entries(tree as object).flatMap(([key, part]) => leaves(part, path ? `${path}.${key}` : key));
}
/** Without the hints of failures: in other languages a failure's code has its next step with it. */
const EVERY = leaves(trees.en).filter(([path]) => !path.startsWith('failures.hints.'));

/** Looked up with what the engine says in English, so that the English tree has none. */
const isOfEngine = (path: string) => /^(?:models\.shelf|models\.notes|failures\.codes|failures\.warnings)\./.test(path);

/** Arguments that a text may take: known by what the English one makes of them. */
const SAMPLES: Partial<Record<string, unknown[]>> = {
  'train.plan': [
    { epochs: 5, most_epochs: 30, windows: 70, is_counted: true, steps: 90, runs: 3, seconds: 400, is_refitted: true },
    60,
    'seeds',
  ],
  'train.why': [{ setting: 'epochs', value: '3', why: 'because', reason: 'epochs-set' }],
  'train.range': [
    {
      kind: { kind: 'number', whole: true, min: 2, above: false, below: 9, closed: true },
      example: null,
      expected: 'a whole number from 2 to 9',
    },
  ],
  'data.export.loss': [{ kind: 'lost-ids', count: 2, what: 'documents lost their id' }],
  'data.export.lines': [[4, 6], 8],
  'results.judgement.headline': [0.81, [0.72, 0.93], ['Alpha', 'Beta'], false],
  'data.findings.explains': [[['Alpha', 3]]],
  'train.logLine.evaluated': ['Alpha', 0.5, 7, true],
};

function sampleFor(path: string, text: (...values: unknown[]) => unknown): unknown[] {
  const known = SAMPLES[path];
  if (known) return known;
  const kinds = (place: number) => [
    [3, 5, 7, 11][place],
    ['Alpha', 'Beta', 'Gamma', 'Delta'][place],
    ['Alpha', 'Beta'],
  ];
  const all = Array.from({ length: text.length }, (_, place) => kinds(place)).reduce<unknown[][]>(
    (lists, values) => lists.flatMap((list) => values.map((value) => [...list, value])),
    [[]],
  );
  const fits = (values: unknown[]) => {
    try {
      const made = text(...values);
      return typeof made === 'string' && !/NaN|undefined|\[object|^$/.test(made);
    } catch {
      return false;
    }
  };
  const found = all.find(fits);
  if (!found) throw new Error(`no arguments fit ${path}`);
  return found;
}

const numbersIn = (text: string) => [...new Set(text.match(/\d+(?:\.\d+)?/g) ?? [])].sort();
const namesIn = (text: string) => [...new Set(text.toLowerCase().match(/alpha|beta|gamma|delta/g) ?? [])].sort();

describe.each(OTHERS)('%s', (language) => {
  const tree = new Map(leaves(trees[language]));

  test('has every text, and no others', () => {
    const here = [...tree.keys()].filter((path) => !isOfEngine(path)).sort();
    expect(here).toEqual(
      EVERY.map(([path]) => path)
        .filter((path) => !isOfEngine(path))
        .sort(),
    );
  });

  test('no text is empty where the English one is not', () => {
    const empty = EVERY.filter(([path, text]) => typeof text === 'string' && text !== '' && !tree.get(path));
    expect(empty).toEqual([]);
  });

  test('texts with values show the same names and numbers', () => {
    for (const [path, english] of EVERY) {
      if (typeof english === 'string') continue;
      const values = sampleFor(path, english);
      const own = (tree.get(path) as typeof english)(...values);
      expect(typeof own, path).toBe('string');
      expect(own, path).not.toBe('');
      expect(own, path).not.toMatch(/NaN|undefined|\[object/);
      const expected = String(english(...values));
      expect(namesIn(String(own)), `${path}: ${own}`).toEqual(namesIn(expected));
      expect(numbersIn(String(own)), `${path}: ${own}`).toEqual(numbersIn(expected));
    }
  });

  test('the recommended models are described in it', () => {
    const words = trees[language].models.shelf;
    for (const entry of shelf) {
      expect(words.advice[entry.id], entry.id).toBeTruthy();
      expect(words.groups[entry.group], entry.group).toBeTruthy();
      expect(words.languages[entry.language], entry.language).toBeTruthy();
    }
  });

  test('quotation marks are its own', () => {
    const [wrong, right] = language === 'de' ? [/[«»”]/, /„/] : [/[“”„]/, /«/];
    const texts = [...tree].map(([path, text]) =>
      typeof text === 'string' ? text : String(text(...sampleFor(path, new Map(EVERY).get(path) as typeof text))),
    );
    expect(texts.filter((text) => wrong.test(text) && !text.includes('Priya'))).toEqual([]);
    expect(texts.some((text) => right.test(text))).toBe(true);
  });
});

test.each<[Language, [string, string, string], [string, string]]>([
  ['en', ['0 documents', '1 document', '2 documents'], ['1 entity changes', '2 entities change']],
  ['de', ['0 Dokumente', '1 Dokument', '2 Dokumente'], ['1 Entität ändert sich', '2 Entitäten ändern sich']],
  ['fr', ['0 document', '1 document', '2 documents'], ['1 entité change', '2 entités changent']],
])('plurals in %s', (language, documents, [one, two]) => {
  const { data } = trees[language];
  expect([0, 1, 2].map(data.found)).toEqual(documents);
  expect([1, 2].map(data.repair.counts.spans)).toEqual([one, two]);
});

test('signs stay with their words and numbers', () => {
  expect(SPACES.en('5 % of it')).toBe('5\u00a0% of it');
  expect(SPACES.de('Dev, %: 5 %')).toBe('Dev, %: 5\u00a0%');
  expect(SPACES.de('das Dev-F1')).toBe('das Dev\u2011F1');
  expect(SPACES.fr('« Oui » : 5 % ; non ?')).toBe('«\u00a0Oui\u00a0»\u00a0: 5\u202f%\u202f; non\u202f?');
  expect(trees.fr.models.removeTitle('x')).toBe('Supprimer «\u00a0x\u00a0»\u202f?');
});

test.each<[Parameters<typeof languageFor>[0], string[], Language]>([
  ['system', ['de-AT', 'en'], 'de'],
  ['system', ['es', 'fr-CA', 'de'], 'fr'],
  ['system', ['es', 'pt-BR'], 'en'],
  ['system', [], 'en'],
  ['system', ['EN-us', 'de'], 'en'],
  ['fr', ['de'], 'fr'],
  ['en', ['de'], 'en'],
])('wanted %s on a system with %s: %s', (wanted, system, expected) => {
  expect(languageFor(wanted, system)).toBe(expected);
});

describe('formats', () => {
  afterEach(() => (document.documentElement.lang = ''));

  async function speaking(language: Language) {
    document.documentElement.lang = language;
    vi.resetModules();
    return { ...(await import('../src/lib/format')), ...(await import('../src/lib/shared/numbers')) };
  }
  const day = '2026-11-18T09:12:00';
  const now = new Date('2026-11-23T12:00:00');

  test.each([
    [
      'en',
      {
        count: '12,345',
        bytes: '90.9\u00a0MB',
        bare: '999\u00a0bytes',
        roughly: '1.3\u00a0GB',
        short: '22.7\u00a0M',
        duration: '3\u00a0min 20\u00a0s',
        score: '84.2',
        percent: '25.6\u00a0%',
        small: ['0.25', '1.2e-4'],
        moment: '18 Nov, 09:12',
      },
    ],
    [
      'de',
      {
        count: '12.345',
        bytes: '90,9\u00a0MB',
        bare: '999\u00a0Byte',
        roughly: '1,3\u00a0GB',
        short: '22,7\u00a0Mio.',
        duration: '3\u00a0min 20\u00a0s',
        score: '84,2',
        percent: '25,6\u00a0%',
        small: ['0,25', '1,2e-4'],
        moment: '18. Nov., 09:12',
      },
    ],
    [
      'fr',
      {
        count: '12\u202f345',
        bytes: '90,9\u00a0Mo',
        bare: '999\u00a0octets',
        roughly: '1,3\u00a0Go',
        short: '22,7\u00a0M',
        duration: '3\u00a0min 20\u00a0s',
        score: '84,2',
        percent: '25,6\u202f%',
        small: ['0,25', '1,2e-4'],
        moment: '18 nov., 09:12',
      },
    ],
  ] as const)('in %s', async (language, expected) => {
    const format = await speaking(language);
    expect({
      count: format.count(12_345),
      bytes: format.bytes(90_900_000),
      bare: format.bytes(999),
      roughly: format.roughly(1.26e9),
      short: format.short(22_700_000),
      duration: format.duration(200),
      score: format.score(0.8421),
      percent: format.percent(0.256, 1),
      small: [format.small(0.25), format.small(0.00012)],
      moment: format.moment(day, now),
    }).toEqual(expected);
  });

  test.each<[Language, string[], string[]]>([
    ['en', ['0.1', '0,1', '1,000', '5e-5'], ['b', 'a10', 'a2']],
    ['de', ['0.1', '0,1', '1.000', '5e-5'], ['Zeit', 'Ast', 'Ärger']],
    ['fr', ['0.1', '0,1', '1\u202f000', '5e-5'], ['zone', 'état', 'eau']],
  ])('numbers as they are typed, and names in order, in %s', async (language, typed, names) => {
    const { numberOf, typedNumber, byName } = await speaking(language);
    expect(typed.map(numberOf)).toEqual([0.1, 0.1, 1000, 5e-5]);
    expect(numberOf(typedNumber(0.25))).toBe(0.25);
    expect([numberOf(' '), numberOf('5e'), numberOf('1 2')]).toEqual([null, NaN, NaN]);
    expect([...names].sort(byName)).toEqual([...names].reverse());
  });
});

describe('Settings', () => {
  afterEach(() => {
    sessionStorage.clear();
    vi.restoreAllMocks();
  });
  const words = strings.settings;

  test('names each language in itself, and begins with that of the system', async () => {
    await openAt('Settings');
    const select = (await screen.findByLabelText(words.language)) as HTMLSelectElement;
    expect(select.value).toBe('system');
    expect([...select.options].map(({ text }) => text)).toEqual([words.languageSystem, ...Object.values(LANGUAGES)]);
  });

  test('another language is saved, and the page is loaded anew with what was typed', async () => {
    const assign = vi.spyOn(location, 'assign').mockImplementation(() => {});
    const { world } = await openAt('Highlight');
    await choose(strings.highlight.text, 'Priya lives in Hollins Bay.');
    await click('Train');
    await choose(strings.train.name, 'My run');
    await click('Settings');
    await choose(words.language, 'de');
    await vi.waitFor(() => expect(assign).toHaveBeenCalled());
    expect(String(assign.mock.calls[0]?.[0])).toContain('language=de');
    expect(world.preferences.language).toBe('de');

    document.body.replaceChildren();
    await openAt('Highlight');
    await vi.waitFor(() =>
      expect((screen.getByLabelText(strings.highlight.text) as HTMLTextAreaElement).value).toBe(
        'Priya lives in Hollins Bay.',
      ),
    );
    await click('Train');
    expect(((await screen.findByLabelText(strings.train.name)) as HTMLInputElement).value).toBe('My run');
    expect(sessionStorage.length).toBe(0);
  });

  test('the language that is spoken already needs no new page', async () => {
    const assign = vi.spyOn(location, 'assign').mockImplementation(() => {});
    const { world } = await openAt('Settings');
    await choose(words.language, spoken());
    expect(world.preferences.language).toBe('en');
    expect(assign).not.toHaveBeenCalled();
  });

  test('a language that cannot be saved changes nothing', async () => {
    const assign = vi.spyOn(location, 'assign').mockImplementation(() => {});
    const { switches } = await openAt('Settings');
    switches.refuse('settings.savePreferences');
    await choose(words.language, 'fr');
    expect(await screen.findByRole('alert')).toBeTruthy();
    expect(assign).not.toHaveBeenCalled();
  });
});

// Lets the scenes, which name controls in English, find them in another language: through the texts of the window.
import { createServer } from 'vite';

const NUMBERS = [3, 5, 7, 11];
const NAMES = ['Alpha', 'Beta', 'Gamma', 'Delta'];
const plain = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const escaped = (text) => plain(text).replace(/\s/g, '\\s');
/** A pattern for any numbers, with their units, and names in place of the samples. */
const pattern = (text) =>
  plain(text)
    .replace(/\b\d+(?:\\[.,]\d+|,\d+)*\b(?:\s(?:bytes|Byte|octets|s)\b)?/g, '[\\d.,\\s]+\\S*')
    .replace(/Alpha|Beta|Gamma|Delta/gi, '.+')
    .replace(/\s/g, '\\s');
/** Whether anything of a text is its own. */
const hasWords = (text) => /\p{L}{2}/u.test(text.replace(/Alpha|Beta|Gamma|Delta/gi, ''));

/** The texts of the window in English, each with its counterpart: strings, and what functions make of samples. */
async function textsOf(language) {
  globalThis.document = { documentElement: { lang: language } };
  const server = await createServer({
    server: { middlewareMode: true, hmr: false, ws: false },
    appType: 'custom',
    logLevel: 'error',
  });
  const { trees } = await server.ssrLoadModule('/src/lib/strings/index.ts');
  await server.close();
  delete globalThis.document;
  const pairs = [];
  // The scenes are written with ordinary spaces.
  // English has texts of its own where other languages have one for every reason.
  const add = (english, other) => other !== undefined && pairs.push([english.replace(/\s/g, ' '), other]);
  const walk = (english, other) => {
    if (typeof english === 'string') return add(english, other);
    if (english === null) return;
    if (typeof english !== 'function') return Object.keys(english).forEach((key) => walk(english[key], other[key]));
    const kinds = (place) => [NAMES[place], NUMBERS[place], [NAMES[0]]];
    let lists = [[]];
    for (let place = 0; place < english.length; place += 1)
      lists = lists.flatMap((list) => kinds(place).map((value) => [...list, value]));
    for (const values of lists) {
      try {
        const made = english(...values);
        if (typeof made !== 'string' || !hasWords(made) || /NaN|undefined|object|F1 –/.test(made)) continue;
        const one = values.map((value) => (typeof value === 'number' ? 1 : value));
        add(made, other(...values));
        add(english(...one), other(...one));
        // What is said only if something is so.
        const not = values.with(-1, false);
        const unless = english(...not);
        if (unless !== made && typeof unless === 'string' && hasWords(unless)) add(unless, other(...not));
        return;
      } catch {
        // These arguments do not fit.
      }
    }
  };
  walk(trees.en, trees[language]);
  return pairs;
}

/** The page, on which roles, labels and texts are found by their English names. */
export async function translator(language) {
  const pairs = await textsOf(language);
  const matches = (wanted, exact) => (english) => {
    // Names in the scenes stand for the sample.
    if (wanted instanceof RegExp)
      return [english, ...['Person', 'Dev'].map((name) => english.replace(/Alpha/i, name))].some(
        (one) => wanted.test(one) || wanted.test(one.replaceAll(/\b(?:3|5|7|11)\b/g, '214')),
      );
    if (new RegExp(`^${pattern(english)}$`, 'i').test(wanted)) return true;
    return !exact && english.toLowerCase().includes(wanted.toLowerCase());
  };
  /** The counterpart as a pattern; with the names that a text of the scene has in place of the samples. */
  const counterpart = (wanted, english, other) => {
    const names = english.match(/Alpha|Beta|Gamma|Delta/gi) ?? [];
    const given =
      typeof wanted === 'string' &&
      new RegExp(`^${pattern(english).replaceAll('.+', '(.+)')}$`, 'i').exec(wanted)?.slice(1);
    if (!given || names.length !== given.length) return pattern(other);
    return pattern(names.reduce((text, name, place) => text.replaceAll(name, () => given[place]), other));
  };
  const translated = (wanted, exact) => {
    if (typeof wanted !== 'string' && !(wanted instanceof RegExp)) return wanted;
    const fits = matches(wanted, exact);
    const same = pairs.filter(([english]) => english === wanted);
    const found = same.length ? same : pairs.filter(([english]) => fits(english));
    const own = wanted instanceof RegExp ? wanted.source : exact ? `^${escaped(wanted)}$` : escaped(wanted);
    const isWhole = exact || (wanted instanceof RegExp && wanted.source.startsWith('^'));
    const others = found
      .map(([english, other]) => counterpart(wanted, english, other))
      .map((text) => (isWhole ? `^${text}${exact ? '$' : ''}` : text));
    return new RegExp([own, ...new Set(others)].map((one) => `(?:${one})`).join('|'), exact ? '' : 'i');
  };
  const wrap = (target) =>
    new Proxy(target, {
      get(_, name) {
        const value = target[name];
        if (typeof value !== 'function') return value;
        return (...values) => {
          if (name === 'getByRole') {
            const { name: wanted, exact, ...rest } = values[1] ?? {};
            return wrap(
              value.call(target, values[0], wanted === undefined ? rest : { ...rest, name: translated(wanted, exact) }),
            );
          }
          if (name === 'getByText' || name === 'getByLabel')
            return wrap(value.call(target, translated(values[0], values[1]?.exact)));
          const result = value.apply(target, values);
          return ['first', 'last', 'nth', 'locator', 'getByTestId', 'filter'].includes(name) ? wrap(result) : result;
        };
      },
    });
  return wrap;
}

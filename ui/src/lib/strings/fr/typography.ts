// French typography: the texts are written with ordinary spaces, and get those that do not break here.

const THIN = '\u202f';
const FIRM = '\u00a0';

/** `« Oui » : 5 %` with the spaces that keep a sign with its word. */
export const setSpaces = (text: string): string =>
  text
    .replace(/ (?=[;!?%])/g, THIN)
    .replace(/ (?=[:»])/g, FIRM)
    .replace(/(?<=«) /g, FIRM);

/** All texts of a tree, and those that its functions return. */
export function typeset<T>(texts: T): T {
  return set(texts) as T;
}

function set(part: unknown): unknown {
  if (typeof part === 'string') return setSpaces(part);
  if (typeof part === 'function')
    return (...values: unknown[]) => set((part as (...all: unknown[]) => unknown)(...values));
  if (Array.isArray(part)) return part.map(set);
  if (part !== null && typeof part === 'object')
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, set(inner)]));
  return part;
}

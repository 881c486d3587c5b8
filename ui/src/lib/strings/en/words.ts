// Lists and plurals in English.

import { count } from '../../format';

/** `a`, `a and b`, `a, b and c`. */
export const inWords = (parts: string[]) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
export const many = (value: number, one: string, more: string) => `${count(value)} ${value === 1 ? one : more}`;

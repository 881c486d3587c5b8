// What a format is called, with whose way of writing it where that is known.

import type { Format } from '../client/contracts';
import { strings } from '../strings';

const words = strings.data;

export function formatName(format: Format): string {
  const spelling = 'spelling' in format ? words.spellings[format.spelling] : undefined;
  return spelling ?? words.formats[format.kind] ?? format.kind;
}

// The title of a format; for JSON, the program that writes it, if known.

import type { Format } from '../client/contracts';
import { strings } from '../strings';

const words = strings.data;

export function formatName(format: Format): string {
  return 'spelling' in format ? words.dialects[format.spelling] : words.formats[format.kind];
}

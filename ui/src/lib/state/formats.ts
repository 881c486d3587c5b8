// The title of a format; for JSON, the program that writes it, if known.

import type { FileReport, Format } from '../client/contracts';
import { strings } from '../strings';

const words = strings.data;

export function formatName(format: Format): string {
  return 'spelling' in format ? words.dialects[format.spelling] : words.formats[format.kind];
}

/** The formats of all files that a split is made of, each title once. */
export function formatNames({ format, other_formats = [] }: FileReport): string {
  return [...new Set([format, ...other_formats].map(formatName))].join(' + ');
}

// Formats numbers, sizes, times and counts for people, in the language of the page.

import { spoken } from './language';

interface Habits {
  /** Of dates; numbers follow the language. */
  dates: string;
  /** Before a per cent sign. */
  percentGap: string;
  bytes: string;
  sizes: [string, string, string, string];
  /** Thousands, millions and billions. */
  thousands: [string, string, string];
}

/** Between a number and its unit, which stays on its line. */
const GAP = '\u00a0';

const HABITS = {
  en: {
    dates: 'en-GB',
    percentGap: GAP,
    bytes: 'bytes',
    sizes: ['kB', 'MB', 'GB', 'TB'],
    thousands: ['k', 'M', 'B'],
  },
  de: {
    dates: 'de',
    percentGap: GAP,
    bytes: 'Byte',
    sizes: ['kB', 'MB', 'GB', 'TB'],
    thousands: ['Tsd.', 'Mio.', 'Mrd.'],
  },
  fr: {
    dates: 'fr',
    percentGap: '\u202f',
    bytes: 'octets',
    sizes: ['ko', 'Mo', 'Go', 'To'],
    thousands: ['k', 'M', 'Md'],
  },
} satisfies Record<string, Habits>;

const language = spoken();
const { dates, percentGap, bytes: bytesUnit, sizes, thousands } = HABITS[language];

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const parts = new Intl.NumberFormat(language).formatToParts(-1234.5);
const signOf = (type: Intl.NumberFormatPartTypes, usual: string) =>
  parts.find((part) => part.type === type)?.value ?? usual;

/** The decimal point or comma. */
export const decimalSign = signOf('decimal', '.');
/** What separates thousands. */
export const groupSign = signOf('group', ',');

/** Names in the order of the language, numbers in them by their value. */
export const byName = new Intl.Collator(dates, { numeric: true }).compare;

/** A number as JavaScript writes it, with the decimal sign of the language. */
export const localized = (plain: string): string => plain.replace('.', decimalSign);

/** With so many decimals: `0.50`. */
export const fixed = (value: number, digits: number): string => localized(value.toFixed(digits));

export function count(value: number): string {
  return whole.format(value);
}

/** A value in the largest of some units, each a thousand times the one before. */
function scaled(value: number, units: readonly string[]): [size: number, unit: string] {
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return [size, units[unit] ?? ''];
}

/** `3.4 MB`; decimal units, as system file managers show them. */
export function bytes(value: number): string {
  const [size, unit] = scaled(Math.max(0, value), [bytesUnit, ...sizes]);
  const digits = unit === bytesUnit || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${fixed(size, digits)}${GAP}${unit}`;
}

/** An estimated size, with two digits: `810 MB`, `1.3 GB`. */
export function roughly(value: number): string {
  const [size, unit] = scaled(Number(Math.max(0, value).toPrecision(2)), [bytesUnit, ...sizes]);
  return `${localized(String(Number(size.toPrecision(3))))}${GAP}${unit}`;
}

/** `22.7 M`, `110 M`, `1.2 B`. */
export function short(value: number): string {
  if (value < 1000) return String(Math.round(value));
  const [size, unit] = scaled(value, ['', ...thousands]);
  return `${localized(size >= 99.5 ? size.toFixed(0) : size.toFixed(1).replace(/\.0$/, ''))}${GAP}${unit}`;
}

/** `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const of = (number: number, unit: string) => `${number}${GAP}${unit}`;
  const both = (first: string, second: string) => `${first} ${second}`;
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return of(total, 's');
  const minutes = Math.floor(total / 60);
  if (minutes < 10) return total % 60 ? both(of(minutes, 'min'), of(total % 60, 's')) : of(minutes, 'min');
  if (minutes < 60) return of(Math.round(total / 60), 'min');
  const rest = Math.round((total % 3600) / 60);
  const hours = Math.floor(total / 3600) + (rest === 60 ? 1 : 0);
  return rest % 60 ? both(of(hours, 'h'), of(rest, 'min')) : of(hours, 'h');
}

/** No estimate is good to the second, nor a long one to the minute. */
function rounded(seconds: number): number {
  const [minute, hour] = [60, 3600];
  const unit = seconds < 55 ? 5 : seconds < hour ? minute : seconds < 10 * hour ? 5 * minute : hour;
  return Math.max(1, Math.round(seconds / unit)) * unit;
}

/** About how long: `25 s`, `4 min`, `4–6 min`, `55 min – 1 h 10 min`. */
export function estimate(least: number, most = least): string {
  if (!Number.isFinite(least) || !Number.isFinite(most)) return duration(least);
  const [from, to] = [duration(rounded(least)), duration(rounded(most))];
  if (from === to) return from;
  const [number, unit, ...more] = from.split(/\s/u);
  const isShort = more.length === 0 && to.endsWith(`${GAP}${unit}`) && !to.includes(' ');
  return isShort ? `${number}–${to}` : `${from} – ${to}`;
}

/** About how long a plan takes: there will be as many epochs as are expected, or as there may be. */
export const planned = (seconds: number, epochs: number, mostEpochs: number): string =>
  estimate(seconds, (seconds * Math.max(epochs, mostEpochs)) / Math.max(1, epochs));

/** A share from 0 to 1 as `84.2`, in the hundredths that scores are reported in. */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : fixed(value * 100, 1);
}

export function percent(value: number, digits = 0): string {
  return `${fixed(value * 100, digits)}${percentGap}%`;
}

/** So many hundredths: `80 %`, `12.5 %`. */
export function hundredths(value: number): string {
  return percent(value / 100, Number.isInteger(value) ? 0 : 1);
}

/** `5e-5`, `0.0031`, `0.25`: short without losing what matters. */
export function small(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 0.001) return localized(String(Number(value.toPrecision(3))));
  return localized(value.toExponential(1).replace('.0e', 'e'));
}

/** `21 Nov, 14:05`, with the year where it is not this one. */
export function moment(time: string, now = new Date()): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  const year = date.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return new Intl.DateTimeFormat(dates, {
    day: 'numeric',
    month: 'short',
    year,
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
}

export function clock(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '–' : date.toTimeString().slice(0, 8);
}

/** The last component of a path, with either separator. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).pop() || path;
}

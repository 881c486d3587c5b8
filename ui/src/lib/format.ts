// Formats numbers, sizes, times and counts for people.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** `3.4 MB`; decimal units, as system file managers show them. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let size = Math.max(0, value);
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${size.toFixed(digits)} ${units[unit]}`;
}

/** An estimated size, with two digits: `810 MB`, `1.3 GB`. */
export function roughly(value: number): string {
  const [number, unit] = bytes(Number(value.toPrecision(2))).split(' ');
  return `${Number(number)} ${unit}`;
}

/** `22.7 M`, `110 M`, `1.2 B`. */
export function short(value: number): string {
  if (value < 1000) return String(Math.round(value));
  const units = ['', 'k', 'M', 'B'];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 99.5 ? size.toFixed(0) : size.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`;
}

/** `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 10) return total % 60 ? `${minutes} min ${total % 60} s` : `${minutes} min`;
  if (minutes < 60) return `${Math.round(total / 60)} min`;
  const rest = Math.round((total % 3600) / 60);
  const hours = Math.floor(total / 3600) + (rest === 60 ? 1 : 0);
  return rest % 60 ? `${hours} h ${rest} min` : `${hours} h`;
}

/** A share from 0 to 1 as `84.2`, in the hundredths that scores are reported in. */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : (value * 100).toFixed(1);
}

export function percent(value: number, digits = 0): string {
  return `${(value * 100).toFixed(digits)} %`;
}

/** `5e-5`, `0.0031`, `0.25`: short without losing what matters. */
export function small(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 0.001) return String(Number(value.toPrecision(3)));
  return value.toExponential(1).replace('.0e', 'e');
}

/** `21 Nov, 14:05`, with the year where it is not this one. */
export function moment(time: string, now = new Date()): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  const year = date.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return new Intl.DateTimeFormat('en-GB', {
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

// A number as it is typed: `5e-5`, `0,1` and `0.1`; nothing typed is `null`, nonsense is NaN and so a fault.

import { decimalSign, groupSign, localized } from '../format';

/** `1,000` in English, `1.000` in German: thousands, and not one. A space separates them in French. */
const GROUPED = new RegExp(`^[-+]?[1-9]\\d{0,2}(\\${groupSign}\\d{3})+(\\${decimalSign}\\d+)?$`);

export function numberOf(typed: string): number | null {
  const text = typed.trim();
  if (text === '') return null;
  const plain = GROUPED.test(text)
    ? text.replaceAll(groupSign, '')
    : text.replace(/(\d)[\s\u202f](?=\d{3}(\D|$))/g, '$1');
  return Number(plain.replace(',', '.'));
}

/** As a field shows it, for `numberOf` to read again. */
export const typedNumber = (value: number): string => localized(String(value));

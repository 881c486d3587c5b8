// As much as a person may have: the sample's documents over and over, each with its number, and a text of 200 pages.

import { dataSet, sample, type FakeData } from './corpus';

const DOCUMENTS = 200_000;
/** Of a page of print. */
const CHARACTERS = 2_500;
const PAGES = 200;

export function largeData(): FakeData {
  const own = Object.values(sample).flat();
  const documents = Array.from({ length: DOCUMENTS }, (_, place) => {
    const document = own[place % own.length] as (typeof own)[number];
    return { ...document, split: 'train', number: place, line: place + 1, text: `${document.text} #${place + 1}` };
  });
  return dataSet('two-hundred-thousand', 'Two hundred thousand', { train: documents }, '2026-11-21T08:00:00Z');
}

export function longText(): string {
  const own = Object.values(sample).flat();
  const parts: string[] = [];
  for (let length = 0, place = 0; length < CHARACTERS * PAGES; place += 1) {
    const part = (own[place % own.length] as (typeof own)[number]).text;
    parts.push(part);
    length += part.length + 1;
  }
  return parts.join('\n');
}

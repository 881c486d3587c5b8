// A very large library: the sample's documents repeated, each with its number, and a text of 200 pages.

import { dataSet, sample, SUPPORT_TICKETS, type FakeData } from './corpus';

const DOCUMENTS = 200_000;
/** Of a printed page. */
const CHARACTERS = 2_500;
const PAGES = 200;

/** Everything else that the window shows about it is taken from the sample. */
export function largeData(): FakeData {
  const own = Object.values(sample).flat();
  const documents = Array.from({ length: DOCUMENTS }, (_, number) => {
    const document = own[number % own.length] as (typeof own)[number];
    return { ...document, split: 'train', number, line: number + 1, text: `${document.text} #${number + 1}` };
  });
  const data = dataSet('two-hundred-thousand', 'Two hundred thousand', SUPPORT_TICKETS, '2026-11-21T08:00:00Z');
  const { check } = data.set;
  const files = check.files.filter((file) => file.split === 'train').map((file) => ({ ...file, documents: DOCUMENTS }));
  return { ...data, documents: { train: documents }, set: { ...data.set, check: { ...check, files } } };
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

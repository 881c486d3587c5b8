// Lists and plurals in German.

import { wordsOf } from '../plural';

export const { form, many, inWords } = wordsOf('de');

// Lists and plurals in English.

import { wordsOf } from '../plural';

export const { form, many, inWords } = wordsOf('en');

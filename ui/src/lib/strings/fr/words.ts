// Lists and plurals in French.

import { wordsOf } from '../plural';

export const { form, many, inWords } = wordsOf('fr');

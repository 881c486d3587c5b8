// Every word that the window shows, in one place, so that it can be read as a whole, in the language of the page.
// German and French have the type of the English tree: what is missing there does not compile.

import { type Language, spoken } from '../language';
import { de } from './de';
import { en, type Strings } from './en';
import { fr } from './fr';

export const trees: Record<Language, Strings> = { en, de, fr };

export const strings: Strings = trees[spoken()];

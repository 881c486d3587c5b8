// Every word that the window shows, in one place, so that it can be read as a whole and translated.

export { en as strings } from './en';

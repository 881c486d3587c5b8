// Texts that are looked up by a name from the shell, which may be one that this page does not know.

export type Known<K extends string> = Record<K, string> & Partial<Record<string, string>>;

/** As they are, to be looked up by any name. */
export const known = <K extends string>(texts: Record<K, string>): Known<K> => texts;

// Keeps the window from going blank under LANG=C: imported before everything else.
//
// `navigator.language` is then "C" in WebKitGTK, which is not a language tag; `Intl` and uPlot throw on it
// while they load.

export function guardLocale(host: Navigator = navigator): void {
  if (isLanguage(host.language)) return;
  Object.defineProperty(host, 'language', { value: 'en', configurable: true });
  Object.defineProperty(host, 'languages', { value: Object.freeze(['en']), configurable: true });
}

function isLanguage(tag: unknown): boolean {
  try {
    return typeof tag === 'string' && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

guardLocale();

// The one place that converts between UTF-16 units, which JavaScript counts, and Unicode characters, which files count.

/** The UTF-16 offset of each character of `text`, and of its end. */
export function unitsOfCharacters(text: string): number[] {
  const places: number[] = [];
  let unit = 0;
  for (const character of text) {
    places.push(unit);
    unit += character.length;
  }
  places.push(unit);
  return places;
}

/** Returns a function that counts the characters of `text` before a UTF-16 offset. */
export function charactersBefore(text: string): (unit: number) => number {
  // Every exporter asks for offsets in ascending order, so one pass is enough.
  let unit = 0;
  let characters = 0;
  return (wanted) => {
    if (wanted < unit) {
      unit = 0;
      characters = 0;
    }
    while (unit < wanted) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
      characters += 1;
    }
    return characters;
  };
}

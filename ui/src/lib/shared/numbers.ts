// A number as it is typed: `5e-5`, `0,1` and `0.1`; nothing typed is `null`, nonsense is NaN and so a fault.

export function numberOf(typed: string): number | null {
  const text = typed.trim().replace(',', '.');
  return text === '' ? null : Number(text);
}

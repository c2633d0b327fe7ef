const LONGEST = 160;
const MOST = 4;

/** A value of a foreign document for a sentence: text as it is, bounded; anything else by its type. */
export function foreignText(value: unknown): string {
  if (typeof value !== 'string') {
    if (Array.isArray(value)) return 'a list';
    if (value === undefined) return 'nothing';
    return typeof value === 'object' && value !== null ? 'an object' : String(value);
  }
  if (value === '') return 'empty';
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

/** The first of several values, for a sentence. */
export function foreignList(values: readonly unknown[]): string {
  const more = values.length > MOST ? ` and ${values.length - MOST} more` : '';
  return values.slice(0, MOST).map(foreignText).join(', ') + more;
}

/** Own members of a foreign document that are lists of text. @returns `undefined` for anything else */
export function textList(
  document: Readonly<Record<string, unknown>>,
  name: string,
): readonly string[] | undefined {
  const value = ownValue(document, name);
  if (!Array.isArray(value)) return undefined;
  return (value as readonly unknown[]).filter((one): one is string => typeof one === 'string');
}

/** An own member of a foreign document. */
export function ownValue(document: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

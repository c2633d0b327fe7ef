/** A value of a file, and where it stands. */
export type Located = LocatedText | LocatedFact | LocatedList | LocatedMap;

interface Placed {
  /** Offset in the file, in UTF-16 units from 0. */
  readonly at: number;
  /** The member: `apps.orders.rules[0].path`. */
  readonly member: string;
}

/** A text. */
export interface LocatedText extends Placed {
  readonly kind: 'text';
  /** With `${NAME}` replaced. */
  readonly value: string;
  /** As it stands in the file, quotes included. */
  readonly source: string;
  /** The text as it was written, where a variable was replaced in it. */
  readonly written: string | undefined;
}

/** A number, `true`, `false` or `null`. */
export interface LocatedFact extends Placed {
  readonly kind: 'fact';
  readonly value: number | boolean | null;
}

export interface LocatedList extends Placed {
  readonly kind: 'list';
  readonly items: readonly Located[];
}

export interface LocatedMap extends Placed {
  readonly kind: 'map';
  readonly entries: readonly LocatedEntry[];
}

export interface LocatedEntry {
  readonly name: string;
  /** Where the name stands. */
  readonly at: number;
  readonly value: Located;
}

/** A value without places, for readers that know nothing of files. Objects have no prototype. */
export function plainOf(node: Located): unknown {
  if (node.kind === 'list') return node.items.map(plainOf);
  if (node.kind !== 'map') return node.value;
  const plain = Object.create(null) as Record<string, unknown>;
  for (const { name, value } of node.entries) plain[name] = plainOf(value);
  return plain;
}

/**
 * Where a character of a text stands in the file. Of a text in which a variable was replaced: where the text begins.
 *
 * @param index in the text's value, from 0
 */
export function offsetIn({ at, source, value, written }: LocatedText, index: number): number {
  if (written !== undefined) return at;
  let from = /^['"]/.test(source) ? 1 : 0;
  if (/^[|>]/.test(source)) from = source.indexOf('\n') + 1;
  for (let done = 0; ; done++) {
    from = skipped(source, from, value[done]);
    if (done >= index || done >= value.length) return at + from;
    from += lengthAt(source, from);
  }
}

/** Skips what the indentation of a further line added, up to the next character of the value. */
function skipped(source: string, from: number, character: string | undefined): number {
  if (character === undefined || source[from] === character || /\s/.test(character)) return from;
  let next = from;
  while (/\s/.test(source[next] ?? '')) next++;
  return next;
}

/** How many characters of the source make one of the value: more than one for escapes, and for folded lines. */
function lengthAt(source: string, from: number): number {
  const rest = source.slice(from, from + 10);
  if (source[0] === "'" && rest.startsWith("''")) return 2;
  if (source[0] !== '"' || rest[0] !== '\\') return 1;
  return { x: 4, u: 6, U: 10 }[rest[1] as 'x'] ?? 2;
}

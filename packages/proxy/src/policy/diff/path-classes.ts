import type { PatternSegment } from '../match/pattern.js';

/** Paths between which no rule tells a difference. */
export interface PathClass {
  /** For people: `/orders/{any}`, `/orders/**`. */
  readonly name: string;
  /** One of them, as a client sends it. */
  readonly path: string;
}

/** The classes of paths of some patterns. */
export interface PathClasses {
  readonly classes: readonly PathClass[];
  /** Whether there are no more. */
  readonly complete: boolean;
}

const MOST = 5000;

/** Lists the classes of paths that some patterns tell apart, without the one that none of them matches. */
export function pathClasses(patterns: readonly (readonly PatternSegment[])[]): PathClasses {
  const other = otherThan(patterns);
  const classes: PathClass[] = [];
  const open: State[] = [{ alive: patterns, texts: [], names: [] }];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (classes.length >= MOST) return { classes, complete: false };
    const { alive, texts, names } = state;
    const depth = texts.length;
    const path = `/${texts.map(sentAs).join('/')}`;
    const named = `/${names.join('/')}`;
    if (alive.every((pattern) => isRest(pattern, depth))) {
      classes.push({ name: named === '/' ? '/**' : `${named}/**`, path });
      continue;
    }
    if (alive.some((pattern) => pattern.length === depth || isRest(pattern, depth))) {
      classes.push({ name: named, path });
    }
    const going = alive.filter((pattern) => pattern.length > depth || isRest(pattern, depth));
    for (const text of [...literalsAt(going, depth), other]) {
      const matching = going.filter((pattern) => goesOn(pattern, depth, text));
      if (matching.length === 0) continue;
      open.push({
        alive: matching,
        texts: [...texts, text],
        names: [...names, text === other ? '{any}' : text],
      });
    }
  }
  return { classes: classes.sort((a, b) => (a.name < b.name ? -1 : 1)), complete: true };
}

interface State {
  readonly alive: readonly (readonly PatternSegment[])[];
  readonly texts: readonly string[];
  readonly names: readonly string[];
}

/** Whether a pattern matches whatever comes after so many segments. */
function isRest(pattern: readonly PatternSegment[], depth: number): boolean {
  return pattern.at(-1)?.kind === 'rest' && depth >= pattern.length - 1;
}

function goesOn(pattern: readonly PatternSegment[], depth: number, text: string): boolean {
  const segment = pattern[depth];
  if (segment === undefined) return isRest(pattern, depth);
  return segment.kind !== 'literal' || segment.text === text;
}

function literalsAt(patterns: readonly (readonly PatternSegment[])[], depth: number): ReadonlySet<string> {
  return new Set(
    patterns.flatMap((pattern) => {
      const segment = pattern[depth];
      return segment?.kind === 'literal' ? [segment.text] : [];
    }),
  );
}

/** A segment that is none of the literals. */
function otherThan(patterns: readonly (readonly PatternSegment[])[]): string {
  const literals = new Set(patterns.flat().flatMap((one) => (one.kind === 'literal' ? [one.text] : [])));
  let other = 'any';
  while (literals.has(other)) other += '0';
  return other;
}

const sentAs = (text: string): string => text.replace(/[^\0-\x7f]+/g, encodeURIComponent);

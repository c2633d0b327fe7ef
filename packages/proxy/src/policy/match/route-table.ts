import { METHODS, type Method } from './methods.js';
import type { PatternSegment } from './pattern.js';
import type { PathSegment } from './request-path.js';

/** What a table routes to. */
export interface Routed {
  readonly pattern: readonly PatternSegment[];
  readonly methods: readonly Method[];
}

/** What a request was routed to. */
export type Route<R> =
  | { readonly found: R }
  /** There are rules for the path, and none of them has the method. */
  | { readonly found: undefined; readonly allow: readonly Method[] };

interface Node<R> {
  readonly literals: Map<string, Node<R>>;
  parameter: Node<R> | undefined;
  /** Rules whose pattern ends here. */
  readonly ends: R[];
  /** Rules whose pattern goes on with `**`. */
  readonly rests: R[];
}

const emptyNode = <R>(): Node<R> => ({ literals: new Map(), parameter: undefined, ends: [], rests: [] });

/**
 * The rules of one application, by path. Of several that match, the most specific one that has the method decides: segment by
 * segment, a literal is more specific than `{name}`, and that more than `**`. The order in which they are written has no meaning.
 */
export class RouteTable<R extends Routed> {
  readonly #root = emptyNode<R>();
  /** The literals, by what they spell once all escapes are decoded. */
  readonly #literals = new Map<string, string>();
  /** Two literals that are spelt alike and written differently: `a:b` and `a%3Ab`. */
  readonly #twice = new Set<string>();

  /** Adds a rule. @returns the rule that decides about the same requests, if there is one; then nothing is added */
  add(rule: R): R | undefined {
    let node = this.#root;
    let slot: R[] | undefined;
    for (const segment of rule.pattern) {
      if (segment.kind === 'rest') {
        slot = node.rests;
        break;
      }
      node = this.#child(node, segment);
    }
    slot ??= node.ends;
    const rival = slot.find(({ methods }) => methods.some((method) => rule.methods.includes(method)));
    if (rival === undefined) slot.push(rule);
    return rival;
  }

  #child(node: Node<R>, segment: Exclude<PatternSegment, { kind: 'rest' }>): Node<R> {
    if (segment.kind === 'parameter') {
      node.parameter ??= emptyNode();
      return node.parameter;
    }
    const { text, spelling } = segment;
    const other = this.#literals.get(spelling);
    if (other !== undefined && other !== text) this.#twice.add(spelling);
    this.#literals.set(spelling, text);
    let child = node.literals.get(text);
    if (child === undefined) {
      child = emptyNode();
      node.literals.set(text, child);
    }
    return child;
  }

  /**
   * Whether a segment spells a literal of some rule in another way: `x%3Averify` for `x:verify`. Some servers decode it and some
   * do not, so that it is not clear which rule is meant.
   */
  isAmbiguous({ text, spelling }: PathSegment): boolean {
    if (this.#twice.has(spelling)) return true;
    const literal = this.#literals.get(spelling);
    return literal !== undefined && literal !== text;
  }

  /** Finds the rule for a request. @returns `undefined` where no rule matches the path */
  find(segments: readonly PathSegment[], method: string): Route<R> | undefined {
    const allow = new Set<Method>();
    for (const rule of matches(this.#root, segments, 0)) {
      if ((rule.methods as readonly string[]).includes(method)) return { found: rule };
      for (const one of rule.methods) allow.add(one);
    }
    return allow.size === 0
      ? undefined
      : { found: undefined, allow: Object.freeze(METHODS.filter((one) => allow.has(one))) };
  }

  /** All rules that match a path, the most specific one first. */
  matching(segments: readonly PathSegment[]): readonly R[] {
    return [...matches(this.#root, segments, 0)];
  }
}

/** Yields the rules that match from a segment on, the most specific one first. */
function* matches<R>(node: Node<R>, segments: readonly PathSegment[], at: number): Generator<R> {
  const segment = segments[at];
  if (segment === undefined) yield* node.ends;
  else {
    const literal = node.literals.get(segment.text);
    if (literal !== undefined) yield* matches(literal, segments, at + 1);
    if (node.parameter !== undefined) yield* matches(node.parameter, segments, at + 1);
  }
  yield* node.rests;
}

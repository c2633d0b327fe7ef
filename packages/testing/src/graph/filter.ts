import { badRequest, missing } from './graph-error.js';

/** One object of a collection, as JSON. */
export type Resource = Readonly<Record<string, unknown>>;

type Test = (resource: Resource) => boolean;
type Literal = string | number | boolean | null;

const tokens = /\s*(?:'((?:[^']|'')*)'|([(),])|([^\s(),']+))/y;

interface Token {
  readonly kind: 'text' | 'sign' | 'word';
  readonly value: string;
}

const comparisons: Readonly<Record<string, (left: unknown, right: Literal) => boolean>> = {
  eq: equal,
  ne: (left, right) => !equal(left, right),
  gt: (left, right) => ordered(left, right, (order) => order > 0),
  ge: (left, right) => ordered(left, right, (order) => order >= 0),
  lt: (left, right) => ordered(left, right, (order) => order < 0),
  le: (left, right) => ordered(left, right, (order) => order <= 0),
};

/** By `startsWith` in lower case. */
const functions: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  startswith: (left, right) => left.startsWith(right),
  endswith: (left, right) => left.endsWith(right),
};

/**
 * Reads `$filter`: `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `startsWith`, `endsWith`, `and`, `or`, `not` and parentheses. Text is compared
 * without regard to case, as in the directory.
 *
 * Source: https://learn.microsoft.com/graph/filter-query-parameter
 *
 * @param properties that may be filtered by
 * @throws {GraphError} 400 for what is not a filter, 501 for a property that the local Graph does not have
 */
export function readFilter(text: string, properties: ReadonlySet<string>): Test {
  return new FilterReader(text, properties).read();
}

class FilterReader {
  readonly #text: string;
  readonly #properties: ReadonlySet<string>;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string, properties: ReadonlySet<string>) {
    this.#text = text;
    this.#properties = properties;
    this.#tokens = this.#split();
  }

  read(): Test {
    const test = this.#either();
    if (this.#at < this.#tokens.length) throw this.#invalid();
    return test;
  }

  #split(): readonly Token[] {
    const found: Token[] = [];
    const text = this.#text.trimEnd();
    tokens.lastIndex = 0;
    while (tokens.lastIndex < text.length) {
      const match = tokens.exec(text);
      if (match === null) throw this.#invalid();
      const [, quoted, sign, word] = match;
      if (quoted !== undefined) found.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
      else if (sign !== undefined) found.push({ kind: 'sign', value: sign });
      else found.push({ kind: 'word', value: word ?? '' });
    }
    return found;
  }

  #either(): Test {
    let test = this.#both();
    while (this.#take('or')) {
      const [left, right] = [test, this.#both()];
      test = (resource) => left(resource) || right(resource);
    }
    return test;
  }

  #both(): Test {
    let test = this.#one();
    while (this.#take('and')) {
      const [left, right] = [test, this.#one()];
      test = (resource) => left(resource) && right(resource);
    }
    return test;
  }

  #one(): Test {
    if (this.#take('not')) {
      const test = this.#one();
      return (resource) => !test(resource);
    }
    if (this.#take('(')) {
      const test = this.#either();
      this.#expect(')');
      return test;
    }
    const word = this.#word();
    const compare = Object.hasOwn(functions, word.toLowerCase()) ? functions[word.toLowerCase()] : undefined;
    if (compare !== undefined && this.#take('(')) return this.#call(compare);
    return this.#comparison(this.#property(word));
  }

  #call(compare: (left: string, right: string) => boolean): Test {
    const property = this.#property(this.#word());
    this.#expect(',');
    const wanted = String(this.#literal()).toLowerCase();
    this.#expect(')');
    return (resource) => {
      const value = resource[property];
      return typeof value === 'string' && compare(value.toLowerCase(), wanted);
    };
  }

  #comparison(property: string): Test {
    const operator = this.#word().toLowerCase();
    if (operator === 'in') {
      this.#expect('(');
      const list = [this.#literal()];
      while (this.#take(',')) list.push(this.#literal());
      this.#expect(')');
      return (resource) => list.some((one) => equal(resource[property], one));
    }
    const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
    if (compare === undefined) throw this.#invalid();
    const wanted = this.#literal();
    return (resource) => compare(resource[property], wanted);
  }

  #property(name: string): string {
    if (this.#properties.has(name)) return name;
    throw missing(`filter by "${name}". It filters by ${[...this.#properties].join(', ')}`);
  }

  #literal(): Literal {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined || token.kind === 'sign') throw this.#invalid();
    if (token.kind === 'text') return token.value;
    const words: Readonly<Record<string, Literal>> = { true: true, false: false, null: null };
    if (Object.hasOwn(words, token.value)) return words[token.value] as Literal;
    return /^-?\d+(?:\.\d+)?$/.test(token.value) ? Number(token.value) : token.value;
  }

  #word(): string {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.kind !== 'word') throw this.#invalid();
    return token.value;
  }

  /** Takes a sign or a word, if it comes next. */
  #take(value: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === 'text' || token.value.toLowerCase() !== value) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#invalid();
  }

  #invalid() {
    return badRequest(`Invalid filter clause: ${this.#text}`, 'BadRequest');
  }
}

function equal(left: unknown, right: Literal): boolean {
  if (typeof left === 'string' && typeof right === 'string')
    return left.toLowerCase() === right.toLowerCase();
  if (Array.isArray(left)) return (left as readonly unknown[]).some((one) => equal(one, right));
  return (left ?? null) === right;
}

function ordered(left: unknown, right: Literal, holds: (order: number) => boolean): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return holds(a < b ? -1 : a > b ? 1 : 0);
}

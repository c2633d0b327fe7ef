import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { nearest } from '../options/option-readers.js';
import { combined } from './combine.js';
import type { PrintedArguments } from './kinds/kind.js';
import { KINDS, kindNamed } from './kinds.js';
import { type Narrowing, Requirement } from './requirement.js';
import { tightenFromText } from './tighten.js';
import { type Token, Tokens } from './tokens.js';
import { whenAgent } from './when-agent.js';

/** What an option of a printed requirement may be. */
type Value = string | number | boolean | readonly string[] | Requirement;

/** Deeper than any requirement that a person reads; what is nested deeper is refused before it fills the stack. */
const DEEPEST = 32;
const MOST_PARTS = 1000;

const NAMES: readonly string[] = ['anyOf', 'allOf', ...Object.keys(KINDS), 'whenAgent', 'tighten'];
const KNOWN = ` Known: ${NAMES.join(', ')}.`;

/**
 * Reads a requirement as `String(requirement)` writes it: `anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))`.
 * The inverse of printing, with all the rules of building one. Nothing in the text is evaluated. Text of at most 64 KiB, 1000
 * parts, 32 levels.
 *
 * ```ts
 * const requirement = parseRequirement("allOf(scopes('Orders.Read'), members({ unknown: 'allow' }))");
 * ```
 *
 * @throws ConfigurationError with line and column, what was found and what was expected; for a `check(...)`, and the `of` of
 * an `approval(...)`, whose functions text does not hold; and for what building it would refuse
 */
export function parseRequirement(text: string): Requirement {
  if (typeof text !== 'string') {
    throw new ConfigurationError(
      `parseRequirement() was given ${printable(text)}.`,
      'Pass a string: parseRequirement("scopes(\'Orders.Read\')").',
    );
  }
  const parser = new Parser(text);
  const requirement = parser.requirement(1);
  parser.end();
  return requirement;
}

class Parser {
  readonly #text: string;
  readonly #tokens: Tokens;
  #parts = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = new Tokens(text, this.error);
  }

  requirement(depth: number): Requirement {
    const name = this.take('name', 'a requirement', KNOWN);
    this.#parts += 1;
    if (this.#parts > MOST_PARTS) throw this.error(name.at, `more than ${MOST_PARTS} parts`, 'Require less.');
    if (depth > DEEPEST) throw this.error(name.at, `more than ${DEEPEST} levels`, 'Combine fewer.');
    if (name.text === 'anyOf' || name.text === 'allOf') return this.#combined(name, name.text, depth);
    if (name.text === 'tighten') return this.#tightened(name, depth);
    if (name.text === 'whenAgent') return this.#whenAgent(name, depth);
    const kind = kindNamed(name.text);
    if (kind === undefined) throw this.#unknown(name);
    this.take('(', `'(' after ${name.text}`);
    const given = new Given(name, this, depth);
    return this.#built(
      name,
      () =>
        new Requirement(
          kind.role,
          kind.parse(given, () => given.finish()),
        ),
    );
  }

  end(): void {
    this.take('end', 'the end of the text');
  }

  #combined(name: Token, combinator: 'anyOf' | 'allOf', depth: number): Requirement {
    this.take('(', `'(' after ${name.text}`);
    const parts: Requirement[] = [];
    while (!this.skip(')')) {
      if (parts.length > 0) this.take(',', "',' or ')'");
      parts.push(this.requirement(depth + 1));
    }
    return this.#built(name, () => combined(combinator, parts));
  }

  #tightened(name: Token, depth: number): Requirement {
    this.take('(', `'(' after ${name.text}`);
    const now = this.requirement(depth + 1);
    this.take(',', "',' and the requirement that decides later");
    const next = this.requirement(depth + 1);
    this.take(',', "',' and { until: '2030-01-31T00:00:00Z' }");
    const options = this.options(depth);
    this.take(')', `')': ${name.text}(...) takes nothing else here`);
    return this.#built(name, () => tightenFromText(now, next, options));
  }

  #whenAgent(name: Token, depth: number): Requirement {
    this.take('(', `'(' after ${name.text}`);
    const narrowing = this.requirement(depth + 1) as Narrowing;
    const options = this.skip(',') ? this.options(depth) : {};
    this.take(')', `')': ${name.text}(...) takes nothing else here`);
    return this.#built(name, () => whenAgent(narrowing, options));
  }

  options(depth: number): object {
    this.take('{', "'{'");
    const options = Object.create(null) as Record<string, Value>;
    for (let first = true; !this.skip('}'); first = false) {
      if (!first) this.take(',', "',' or '}'");
      const name = this.take('name', "an option's name");
      if (name.text in options)
        throw this.error(name.at, `${shown(name)} for the second time`, 'Write it once.');
      this.take(':', `':' after ${printable(name.text, 60)}`);
      options[name.text] = this.#value(depth);
    }
    return options;
  }

  #value(depth: number): Value {
    const { type, text } = this.#tokens.peek();
    if (type === 'name' && (text === 'true' || text === 'false')) return this.#tokens.take().text === 'true';
    if (type === 'name' && NAMES.includes(text)) return this.requirement(depth + 1);
    if (type === 'number') return Number(this.#tokens.take().text);
    if (type === '[') return this.#list();
    return this.take('text', 'a text in quotes, a number, a list, true or false').text;
  }

  #list(): readonly string[] {
    this.take('[', "'['");
    const texts: string[] = [];
    while (!this.skip(']')) {
      if (texts.length > 0) this.take(',', "',' or ']'");
      texts.push(this.take('text', 'a text in quotes').text);
    }
    return texts;
  }

  next(): Token {
    return this.#tokens.peek();
  }

  skip(type: Token['type']): boolean {
    if (this.#tokens.peek().type !== type) return false;
    this.#tokens.take();
    return true;
  }

  take(type: Token['type'], expected: string, hint = ''): Token {
    const token = this.#tokens.peek();
    if (token.type === type) return this.#tokens.take();
    throw this.error(token.at, shown(token), `Expected ${expected}.${hint}`);
  }

  #unknown({ at, text }: Token): ConfigurationError {
    const near = nearest(text, NAMES);
    const hint = near === undefined ? `Expected a requirement.${KNOWN}` : `Did you mean ${near}?`;
    return this.error(at, `an unknown requirement, ${printable(text, 60)}`, hint);
  }

  /** Builds, and tells where the text stands that can't be built. */
  #built(name: Token, build: () => Requirement): Requirement {
    try {
      return build();
    } catch (error) {
      if (!ConfigurationError.is(error) || placed.has(error)) throw error;
      throw placedError(`${this.#where(name.at)}: ${error.problem}`, error.hint);
    }
  }

  readonly error = (at: number, found: string, hint: string): ConfigurationError =>
    placedError(`${this.#where(at)}: found ${found}.`, hint);

  #where(at: number): string {
    const before = this.#text.slice(0, at).split('\n');
    return `The requirement's text, line ${before.length}, column ${(before.at(-1) as string).length + 1}`;
  }
}

/** Errors that tell already where they arose. */
const placed = new WeakSet<object>();

function placedError(message: string, hint: string): ConfigurationError {
  const error = new ConfigurationError(message, hint);
  placed.add(error);
  return error;
}

/** The arguments of one requirement, behind its opening parenthesis. */
class Given implements PrintedArguments {
  readonly #name: Token;
  readonly #parser: Parser;
  readonly #depth: number;
  #separated = true;

  constructor(name: Token, parser: Parser, depth: number) {
    this.#name = name;
    this.#depth = depth;
    this.#parser = parser;
  }

  texts(): readonly string[] {
    const found: string[] = [];
    for (let text = this.text(); text !== undefined; text = this.text()) found.push(text);
    return found;
  }

  text(): string | undefined {
    return this.#begins('text') ? this.#parser.take('text', 'a text').text : undefined;
  }

  options(): object {
    return this.#begins('{') ? this.#parser.options(this.#depth) : {};
  }

  /** Whether an argument of this type comes next. Takes the comma before it. */
  #begins(type: Token['type']): boolean {
    if (this.#parser.next().type === ')') return false;
    if (!this.#separated) this.#parser.take(',', "',' or ')'");
    const { type: found, at } = this.#parser.next();
    if (found === ')') throw this.#parser.error(at, "')' after a comma", 'Expected an argument.');
    this.#separated = found !== type;
    return !this.#separated;
  }

  refuse(found: string, hint: string): never {
    throw this.#parser.error(this.#name.at, found, hint);
  }

  /** Refuses what was not read. */
  finish(): void {
    this.#parser.take(')', `')': ${this.#name.text}(...) takes nothing else here`);
  }
}

function shown({ type, text }: Token): string {
  if (type === 'end') return 'the end of the text';
  return type === 'text' ? `the text '${printable(text, 60)}'` : `'${printable(text, 60)}'`;
}

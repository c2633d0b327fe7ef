/** A place in a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The names and indexes that lead to a value: `['apps', 'orders', 'scopes', 0]`. */
export type Path = readonly (string | number)[];

/** JSON that was parsed, with the place of each value. */
export interface LocatedJson {
  readonly value: unknown;
  /** Finds the place of a member or element, or of the nearest one around it. */
  placeOf(path: Path): Place;
}

/** What is wrong with a text that is not JSON, and where. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';

  constructor(
    message: string,
    readonly place: Place,
  ) {
    super(message);
  }
}

/** Deeper than any configuration. A bound, so that a text can't exhaust the stack. */
const deepest = 100;

/**
 * Parses JSON (RFC 8259) and notes where each value is. `JSON.parse` gives no place for most errors, and takes a name that
 * occurs twice.
 *
 * @throws {JsonSyntaxError} with line and column
 */
export function parseLocated(given: string): LocatedJson {
  // Editors and PowerShell may write a byte order mark.
  const text = given.replace(/^\uFEFF/, '');
  const reader = new Reader(text);
  const value = reader.document();
  return {
    value,
    placeOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const offset = reader.offsets.get(JSON.stringify(path.slice(0, length)));
        if (offset !== undefined) return placeAt(text, offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

const string = /"(?:[^"\\\n]|\\.)*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const space = /[ \t\n\r]*/y;

class Reader {
  readonly offsets = new Map<string, number>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    this.#skip();
    const value = this.#value([]);
    if (this.#at < this.#text.length) throw this.#expected('the end of the file');
    return value;
  }

  #value(path: Path): unknown {
    if (path.length > deepest) throw this.#error(`More than ${deepest} levels are nested.`);
    if (this.#take('{')) return this.#object(path);
    if (this.#take('[')) return this.#list(path);
    const literal = this.#match(number) ?? this.#match(word);
    if (literal !== undefined) return JSON.parse(literal);
    if (this.#peek() === '"') return this.#string('the end of the text: a double quote');
    throw this.#peek() === "'" ? this.#error('JSON has double quotes: "ada".') : this.#expected('a value');
  }

  #object(path: Path): object {
    const members = new Map<string, unknown>();
    if (this.#take('}')) return {};
    do {
      const start = this.#at;
      const name = this.#name();
      if (members.has(name)) {
        this.#at = start;
        throw this.#error(`The name ${JSON.stringify(name)} occurs twice in one object.`);
      }
      const inner = [...path, name];
      this.offsets.set(JSON.stringify(inner), start);
      if (!this.#take(':')) throw this.#expected('a colon');
      members.set(name, this.#value(inner));
    } while (this.#another('}'));
    // Own members, `__proto__` included.
    return Object.fromEntries(members);
  }

  #list(path: Path): unknown[] {
    const list: unknown[] = [];
    if (this.#take(']')) return list;
    do {
      const inner = [...path, list.length];
      this.offsets.set(JSON.stringify(inner), this.#at);
      list.push(this.#value(inner));
    } while (this.#another(']'));
    return list;
  }

  #name(): string {
    if (this.#peek() === '"') return this.#string('the end of the name: a double quote');
    throw this.#expected('a name in double quotes');
  }

  #string(end: string): string {
    const start = this.#at;
    const literal = this.#match(string);
    if (literal === undefined) throw this.#error(`The line ends before ${end}.`);
    try {
      return JSON.parse(literal) as string;
    } catch {
      this.#at = start;
      throw this.#error('The text has a control character, or a backslash that begins no escape of JSON.');
    }
  }

  /** Whether a comma announces one more; otherwise the object or list ends. */
  #another(end: string): boolean {
    if (!this.#take(',')) {
      if (this.#take(end)) return false;
      throw this.#expected(`a comma or "${end}"`);
    }
    if (this.#peek() !== end) return true;
    throw this.#error(`JSON has no comma before "${end}".`);
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    this.#skip();
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skip();
    return found;
  }

  #skip(): void {
    space.lastIndex = this.#at;
    this.#at += space.exec(this.#text)?.[0].length ?? 0;
  }

  #expected(what: string): JsonSyntaxError {
    const rest = this.#text.slice(this.#at);
    if (rest === '') return this.#error(`The file ends where ${what} is expected.`);
    if (/^\/[/*]/.test(rest)) return this.#error('JSON has no comments.');
    return this.#error(`Expected ${what}, but found ${JSON.stringify(rest.charAt(0))}.`);
  }

  #error(message: string): JsonSyntaxError {
    return new JsonSyntaxError(message, placeAt(this.#text, this.#at));
  }
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) as string).length + 1 };
}

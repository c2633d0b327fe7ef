import type { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';

/** A piece of a requirement's text. */
export interface Token {
  readonly type: 'name' | 'text' | 'number' | '(' | ')' | '{' | '}' | '[' | ']' | ',' | ':' | 'end';
  /** A text is unquoted. */
  readonly text: string;
  /** Where it begins, in UTF-16 units from 0. */
  readonly at: number;
}

/** Characters; longer than any requirement that a person reads. */
const LONGEST = 65_536;

const SPACE = /\s*/y;
const PIECE =
  /([A-Za-z][A-Za-z0-9]*)|([0-9]{1,15}(?![0-9A-Za-z.]))|([(){}[\],:])|'((?:[^'\\\n]|\\['"\\])*)'|"((?:[^"\\\n]|\\['"\\])*)"/y;

type MakeError = (at: number, found: string, hint: string) => ConfigurationError;

/** The pieces of a requirement's text, one at a time: nothing is read ahead of what is expected. */
export class Tokens {
  readonly #text: string;
  readonly #error: MakeError;
  #next: Token | undefined;
  #at = 0;

  /**
   * @param error makes the error for what begins no token
   * @throws ConfigurationError for a text that is too long
   */
  constructor(text: string, error: MakeError) {
    if (text.length > LONGEST) {
      throw error(0, `${text.length} characters`, `At most ${LONGEST} characters are read.`);
    }
    this.#text = text;
    this.#error = error;
  }

  /** The next token, which stays the next. */
  peek(): Token {
    this.#next ??= this.#read();
    return this.#next;
  }

  /** The next token. */
  take(): Token {
    const token = this.peek();
    this.#next = undefined;
    return token;
  }

  #read(): Token {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    const at = SPACE.lastIndex;
    if (at === this.#text.length) return { type: 'end', text: '', at };
    PIECE.lastIndex = at;
    const match = PIECE.exec(this.#text);
    if (match === null) throw unreadable(this.#text, at, this.#error);
    this.#at = PIECE.lastIndex;
    const [, name, number, sign, single, double] = match;
    if (name !== undefined) return { type: 'name', text: name, at };
    if (number !== undefined) return { type: 'number', text: number, at };
    if (sign !== undefined) return { type: sign as Token['type'], text: sign, at };
    return { type: 'text', text: ((single ?? double) as string).replaceAll(/\\(.)/g, '$1'), at };
  }
}

function unreadable(text: string, at: number, error: MakeError): ConfigurationError {
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  if (character === "'" || character === '"') {
    return error(
      at,
      `the beginning of a text, ${printable(text.slice(at), 30)}, that does not end in its line`,
      `End it with ${character}. A quote or a backslash inside is written with a backslash before it.`,
    );
  }
  return error(at, `'${printable(character)}'`, "Write it as code: anyOf(scopes('A'), userRoles('B')).");
}

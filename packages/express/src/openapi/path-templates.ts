/** More optional parts than this many templates tell are left to the reader of the code. */
const MOST = 16;

const NAME = String.raw`(?:"(?<quoted>[^"\\{}/]+)"|(?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*))`;
/** What Express 4 takes behind a parameter: what it has to look like, parentheses in it two deep. */
const LOOKS = String.raw`(?<looks>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))?`;
const PARAMETER = new RegExp(
  String.raw`(?<before>[/.]?):${NAME}(?![\p{ID_Continue}*+])${LOOKS}(?<optional>\??)(?![*+])`,
  'uy',
);
const WILDCARD = new RegExp(String.raw`\*${NAME}?`, 'uy');
const ESCAPED = /\\(?<literal>.)/suy;
/** Anything that is special in neither major. */
const LITERAL = /(?<literal>[^\\{}()[\]?+*:!|])/uy;

/**
 * The path templates of OpenAPI (3.1 section 4.8.8.1) that take the same requests as an Express path: `/orders/:id` is
 * `/orders/{id}`. A path with optional parts has one template for each way to read it. `*` is a parameter too, though it
 * may hold slashes, which OpenAPI can't say; without a name it is `0`, as in `req.params[0]`.
 *
 * @param path in the syntax of Express 4 or 5
 * @returns `undefined` where OpenAPI has no way to say it
 */
export function readPath(path: string): ReadPath | undefined {
  const reader = new Reader(path);
  const templates = reader.alternatives();
  if (!reader.atEnd || templates === undefined) return undefined;
  const { wildcards, narrow } = reader;
  return {
    templates: [...new Set(templates.map((template) => template.replace(/\/+$/, '') || '/'))],
    wildcards,
    narrow,
  };
}

/** An Express path as OpenAPI says it, and what that can't say. */
export interface ReadPath {
  readonly templates: readonly string[];
  /** Parameters that may hold slashes. */
  readonly wildcards: ReadonlySet<string>;
  /** Parameters that don't take every segment. */
  readonly narrow: ReadonlySet<string>;
}

class Reader {
  readonly #path: string;
  #at = 0;
  #unnamed = 0;
  readonly wildcards = new Set<string>();
  readonly narrow = new Set<string>();

  constructor(path: string) {
    this.#path = path;
  }

  get atEnd(): boolean {
    return this.#at === this.#path.length;
  }

  /** Up to the end, or the end of the group; all ways to leave optional parts out or in. */
  alternatives(): readonly string[] | undefined {
    let read: readonly string[] = [''];
    while (!this.atEnd && this.#path[this.#at] !== '}') {
      const next = this.#part();
      if (next === undefined || read.length * next.length > MOST) return undefined;
      read = read.flatMap((before) => next.map((after) => before + after));
    }
    return read;
  }

  #part(): readonly string[] | undefined {
    const parameter = this.#take(PARAMETER);
    if (parameter !== undefined) {
      const { before, quoted, name = quoted ?? '', looks, optional } = parameter;
      if (looks !== undefined) this.narrow.add(name);
      const template = `${before}{${name}}`;
      return optional === '?' ? ['', template] : [template];
    }
    const wildcard = this.#take(WILDCARD);
    if (wildcard !== undefined) {
      const { quoted, name = quoted ?? String(this.#unnamed++) } = wildcard;
      this.wildcards.add(name);
      return [`{${name}}`];
    }
    if (this.#path[this.#at] === '{') return this.#group();
    const { literal } = this.#take(ESCAPED) ?? this.#take(LITERAL) ?? {};
    return literal === undefined ? undefined : [literal];
  }

  /** What Express 5 takes in braces may be there or not. */
  #group(): readonly string[] | undefined {
    this.#at++;
    const inside = this.alternatives();
    if (inside === undefined || this.#path[this.#at] !== '}') return undefined;
    this.#at++;
    return ['', ...inside];
  }

  #take(pattern: RegExp): Readonly<Record<string, string | undefined>> | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#path);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found.groups;
  }
}

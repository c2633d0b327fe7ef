import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  Parser,
  type YAMLMap,
} from 'yaml';
import type { Located, LocatedEntry } from './located.js';
import type { Reading } from './reading.js';
import { shown } from './shown.js';

/** Characters. A policy of a hundred applications has fewer. */
const LONGEST = 1_048_576;

/** Levels. What nests deeper is refused before it fills the stack. */
const DEEPEST = 64;

/**
 * Reads YAML 1.2, and so JSON. Values only: no anchors, aliases, tags, merge keys, directives, or second documents, and no name twice.
 *
 * @returns `undefined` where it is not that; why has been noted
 */
export function parseYaml(reading: Reading): Located | undefined {
  const { text } = reading;
  const whole = { member: '', at: 0 };
  if (text.length > LONGEST) {
    reading.note(whole, `${text.length} characters`, `at most ${LONGEST}`);
    return undefined;
  }
  const tokens = [...new Parser().parse(text)];
  const refused = refusedToken(tokens);
  if (refused !== undefined) {
    reading.note({ member: '', at: refused.at }, refused.found, refused.expected);
    return undefined;
  }
  const [document] = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    // Compared below: the parser compares each name with each.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  }).compose(tokens, true, text.length);
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const at = error.pos[0];
    reading.note({ member: '', at }, `text that is not YAML (${sentence(error.message)})`, hintAt(text, at));
    return undefined;
  }
  const contents = (document as Document.Parsed | undefined)?.contents;
  if (contents === null || contents === undefined) {
    reading.note(whole, 'an empty file', 'a policy, which begins with version: 1');
    return undefined;
  }
  return locate(contents, '', reading);
}

const sentence = (message: string): string => message.replace(/\.$/, '').replace(/\s+/g, ' ');

/** What YAML reads in another way than it looks. */
function hintAt(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - 200), at);
  const line =
    before.slice(before.lastIndexOf('\n') + 1) + (text.slice(at, at + 200).split('\n', 1)[0] as string);
  if (/(?<!['"][^'"]*)\$\{/.test(line)) {
    return `quotes around a variable that stands inside { } or [ ], where YAML takes its brace for its own: { tenantId: "\${NAME}" }`;
  }
  if (/[A-Za-z]\(/.test(line)) {
    return 'quotes around a requirement that stands inside { } or [ ], where YAML takes its commas for its own';
  }
  return 'YAML 1.2, or JSON';
}

interface Refused {
  readonly at: number;
  readonly found: string;
  readonly expected: string;
}

/** Finds what a policy must not have. Walks without recursion, because the text may nest as deep as it is long. */
function refusedToken(tokens: readonly CST.Token[]): Refused | undefined {
  let documents = 0;
  const open: { readonly token: unknown; readonly depth: number }[] = [...tokens]
    .reverse()
    .map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (typeof token !== 'object' || token === null) continue;
    if (Array.isArray(token)) {
      for (const one of [...token].reverse()) open.push({ token: one, depth });
      continue;
    }
    const { type, offset, source } = token as { type?: string; offset?: number; source?: string };
    const at = offset ?? 0;
    if (type === 'document') {
      documents += 1;
      if (documents > 1) return { at, found: 'a second document', expected: 'one policy in a file' };
    }
    const refused = REFUSED.get(type ?? '');
    if (refused !== undefined)
      return { at, found: `${refused.what} ${shown(source ?? '')}`, expected: refused.expected };
    if (depth > DEEPEST) return { at, found: `more than ${DEEPEST} levels`, expected: 'a flatter file' };
    const { start, end, items, key, sep, value, props } = token as Record<string, unknown>;
    for (const part of [end, items, value, sep, key, props, start]) {
      open.push({ token: part, depth: part === value || part === key ? depth + 1 : depth });
    }
  }
  return undefined;
}

const QUOTED = 'the value itself. A text that begins with';
const REFUSED: ReadonlyMap<string, { readonly what: string; readonly expected: string }> = new Map([
  ['anchor', { what: 'the anchor', expected: `${QUOTED} & stands in quotes` }],
  ['alias', { what: 'the alias', expected: `${QUOTED} * stands in quotes: '*.contoso.example'` }],
  ['tag', { what: 'the tag', expected: `${QUOTED} ! stands in quotes` }],
  ['directive', { what: 'the directive', expected: 'a file without directives' }],
]);

function locate(node: ParsedNode, member: string, reading: Reading): Located | undefined {
  const at = node.range[0];
  if (isMap(node)) return locateMap(node, member, reading);
  if (isSeq(node)) {
    const items = node.items.map((item, index) => locate(item as ParsedNode, `${member}[${index}]`, reading));
    return { kind: 'list', at, member, items: items.filter((item) => item !== undefined) };
  }
  if (!isScalar(node) || isAlias(node)) {
    reading.note({ member, at }, 'an alias', 'the value itself');
    return undefined;
  }
  const { value } = node;
  if (typeof value === 'string') {
    const source = reading.text.slice(at, node.range[1]);
    return { kind: 'text', at, member, value, source, written: undefined };
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
    return { kind: 'fact', at, member, value };
  }
  reading.note({ member, at }, 'a value of an unknown kind', 'a text, a number, true or false');
  return undefined;
}

function locateMap(node: YAMLMap, member: string, reading: Reading): Located {
  const at = (node as YAMLMap.Parsed).range[0];
  const entries: LocatedEntry[] = [];
  const names = new Set<string>();
  for (const pair of node.items as YAMLMap.Parsed['items']) {
    const { key } = pair;
    if (!isScalar(key)) continue;
    const name = typeof key.value === 'string' ? key.value : String(key.source ?? key.value);
    const place = key.range[0];
    const inner = memberOf(member, name);
    if (names.has(name)) {
      reading.note({ member, at: place }, `the name ${shown(name)} for the second time`, 'each name once');
      continue;
    }
    names.add(name);
    if (name === '<<') {
      reading.note({ member: inner, at: place }, 'a merge key', 'the members themselves');
      continue;
    }
    const value =
      pair.value === null
        ? ({ kind: 'fact', at: place, member: inner, value: null } as const)
        : locate(pair.value, inner, reading);
    if (value !== undefined) entries.push({ name, at: place, value });
  }
  return { kind: 'map', at, member, entries };
}

/** `apps.orders`, `callers["nightly job"]` */
export function memberOf(member: string, name: string): string {
  if (!/^[\w$-]{1,64}$/.test(name)) return `${member}[${shown(name)}]`;
  return member === '' ? name : `${member}.${name}`;
}

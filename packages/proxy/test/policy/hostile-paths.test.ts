import { describe, expect, it } from 'vitest';
import { HOST, policyOf } from './policy-of.js';

/** A generator of numbers that gives the same ones in every run (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** Pieces of which paths are made that some server reads as `/admin`. */
const PIECES = [
  ...[
    '/',
    '//',
    '\\',
    '%2f',
    '%2F',
    '%5c',
    '%5C',
    '%252f',
    '%255C',
    '%c0%af',
    '%e0%80%af',
    '%c1%9c',
    '%u2215',
  ],
  ...['.', '..', '%2e', '%2E', '%252e', '%c0%ae', '..;', '.;', '%2e%2e', '...', '. ', '%20', '.%00'],
  ...[';', ';x=1', '%3b', '%3B', ';jsessionid=1', '?', '%3f', '#', '%23', '%00', '%0a', '%09', '\t', ' '],
  ...[
    'admin',
    'ADMIN',
    'Admin',
    '%61dmin',
    'adm%69n',
    '%61%64%6D%69%6E',
    '%2561dmin',
    '%u0061dmin',
    'a%64min',
  ],
  ...[
    'adm\u0131n',
    'adm%C4%B1n',
    '%C3%A1dmin',
    '%EF%BD%81dmin',
    'admin.',
    'admin%20',
    'admin%2e',
    'admin;',
    'admin::$DATA',
  ],
  ...[
    'public',
    'files',
    'a',
    'x',
    '%41',
    '%7e',
    '%2',
    '%zz',
    '%',
    '{',
    '}',
    '|',
    '^',
    '"',
    '<',
    '*',
    '@',
    ':',
    '=',
  ],
  ...[
    'http://evil',
    '%25',
    '%25%32%65',
    '%%32%65',
    '%2%65',
    '+',
    '~1',
    'admin%c0',
    '%ff',
    '\u0000',
    '\u00e9',
  ],
];

const decodeOnce = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const withoutQuery = (path: string): string => path.split(/[?#]/, 1)[0] as string;
const mergeSlashes = (path: string): string => path.replace(/\/+/g, '/');
const backslashes = (path: string): string => path.replaceAll('\\', '/');
const withoutParameters = (path: string): string => path.replace(/;[^/]*/g, '');
const overlong = (path: string): string =>
  path
    .replace(/%c0%ae/gi, '.')
    .replace(/%c0%af|%e0%80%af/gi, '/')
    .replace(/%c1%9c/gi, '\\');
const trimmed = (path: string): string => path.replace(/[. ]+(?=\/|$)/g, '');
const unicodeEscapes = (path: string): string =>
  path.replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Removes dot segments (RFC 3986 section 5.2.4). */
function withoutDots(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** What upstreams make of a request target: fifteen readings of servers and frameworks. */
const READINGS: Readonly<Record<string, (target: string) => string>> = {
  raw: (target) => withoutQuery(target),
  'decoded once': (target) => decodeOnce(withoutQuery(target)),
  'decoded before the query is cut off': (target) => withoutQuery(decodeOnce(target)),
  'decoded twice': (target) => decodeOnce(decodeOnce(withoutQuery(target))),
  'dots removed, not decoded': (target) => withoutDots(withoutQuery(target)),
  'dots removed after decoding': (target) => withoutDots(decodeOnce(withoutQuery(target))),
  'decoded twice, then dots removed': (target) => withoutDots(decodeOnce(decodeOnce(withoutQuery(target)))),
  nginx: (target) => withoutDots(mergeSlashes(decodeOnce(withoutQuery(target)))),
  Tomcat: (target) => withoutDots(mergeSlashes(decodeOnce(withoutParameters(withoutQuery(target))))),
  'Tomcat behind a proxy that decodes': (target) =>
    withoutDots(withoutParameters(decodeOnce(withoutQuery(target)))),
  'WHATWG URL': (target) => {
    try {
      return decodeOnce(new URL(target, 'http://host').pathname);
    } catch {
      return '';
    }
  },
  IIS: (target) =>
    trimmed(
      withoutDots(mergeSlashes(backslashes(decodeOnce(unicodeEscapes(withoutQuery(target)))))),
    ).toLowerCase(),
  'C, which ends at NUL': (target) =>
    withoutDots(decodeOnce(withoutQuery(target)).split('\0', 1)[0] as string),
  'overlong UTF-8': (target) => withoutDots(backslashes(decodeOnce(overlong(withoutQuery(target))))),
  'all at once': (target) =>
    trimmed(
      withoutDots(
        mergeSlashes(
          backslashes(
            withoutParameters(decodeOnce(decodeOnce(overlong(unicodeEscapes(withoutQuery(target)))))),
          ),
        ),
      ),
    ),
};

/** Whether an upstream that reads it so serves what is below `/admin`. */
const isAdmin = (path: string): boolean => /^\/admin(?:$|[/;?#\0])/.test(path.replace(/^\/*/, '/'));

function hostilePath(below: (limit: number) => number): string {
  const count = 1 + below(6);
  const pieces = Array.from({ length: count }, () => PIECES[below(PIECES.length)] as string);
  // Most are made of segments; of others most servers make nothing.
  return below(10) === 0 ? pieces.join('') : `/${pieces.join(below(3) === 0 ? '' : '/')}`;
}

/** The readings by which a target is below `/admin`. */
const adminBy = (target: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => isAdmin((READINGS[name] as (target: string) => string)(target)));

describe('100,000 hostile paths', { timeout: 60_000 }, () => {
  const rules = ["any /admin/** userRoles('Admin')", "any /** scopes('Weak')"];
  const SEED = 20_261_130;
  const names = Object.keys(READINGS);
  const paths = (() => {
    const below = seeded(SEED);
    return Array.from({ length: 100_000 }, () => hostilePath(below));
  })();

  /** Finds the paths that were judged by the weak rule, and that some upstream serves from below `/admin`. */
  function confused(app: string, readings: readonly string[]) {
    const policy = policyOf(rules, app);
    const judged = { weak: [] as string[], strong: 0, refused: 0 };
    for (const path of paths) {
      const { rule } = policy.match({ host: HOST, method: 'GET', path });
      if (rule === undefined) judged.refused += 1;
      else if (rule.path === '/admin/**') judged.strong += 1;
      else judged.weak.push(path);
    }
    const confusions = judged.weak.flatMap((path) => {
      const served = adminBy(path, readings);
      return served.length === 0 ? [] : [`${JSON.stringify(path)}: ${served.join(', ')}`];
    });
    return { ...judged, confusions };
  }

  it('are never judged by a weaker rule than what any of fifteen upstreams serves', () => {
    expect(names).toHaveLength(15);
    const { confusions, weak, strong, refused } = confused('    caseInsensitivePaths: true\n', names);
    expect(confusions).toEqual([]);
    // Not because everything was refused.
    expect(weak.length).toBeGreaterThan(1000);
    expect(strong).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(20_000);
  });

  it('nor where case matters, by those upstreams that tell cases apart', () => {
    const others = names.filter((name) => name !== 'IIS');
    expect(confused('', others).confusions).toEqual([]);
  });

  it('would be confused by a matcher that compares the beginning of the text', () => {
    const some = paths.slice(0, 5000).filter((path) => !path.startsWith('/admin'));
    expect(some.filter((path) => adminBy(path, names).length > 0).length).toBeGreaterThan(200);
  });
});

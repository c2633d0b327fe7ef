import type { Header } from './service.js';

/** The same numbers each time (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(next: () => number, list: readonly T[]): T =>
  list[Math.floor(next() * list.length)] as T;

const PARTS = [
  'public',
  'admin',
  'orders',
  '1',
  '..',
  '.',
  '',
  '%2e%2e',
  '%2E',
  '%61dmin',
  'ADMIN',
  '..%2f',
  '%2fadmin',
  '%5c..',
  '..;',
  ';x=1',
  'a.',
  'a%20',
  '%252e%252e',
  '%00',
  '%zz',
  '%c0%ae',
  'caf%C3%A9',
  'a|b',
  'a"b',
  '~x',
  '@',
  'x:y',
] as const;
const ENDS = [
  '',
  '',
  '',
  '/',
  '?',
  '?x=/../admin',
  '?x=%2e%2e',
  '#f',
  '#/../admin',
  '//',
  '/.',
  '/..',
  '\\..\\admin',
];
const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'get',
  'TRACE',
  'FOO',
  'PUT',
] as const;
const HOSTS = [
  'orders.contoso.example',
  'orders.contoso.example',
  'orders.contoso.example',
  'ORDERS.contoso.example',
  'orders.contoso.example.',
  'orders.contoso.example:8443',
  'raw.contoso.example',
  'raw.contoso.example:80',
  'evil.example',
  'a.orders.contoso.example',
  '',
] as const;
const NAMES = [
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-For',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-User',
  'X-Original-Url',
  'X-Original-Method',
  'X-Rewrite-Url',
  'X-Entra-Assertion',
  'X-Entra-Cookie',
  'X-Entra-Odd',
  'X-MS-CLIENT-PRINCIPAL',
  'X-MS-TOKEN-AAD-ID-TOKEN',
  'X-Auth-Request-User',
  'Remote-User',
  'Forwarded',
  'X-HTTP-Method-Override',
  'X-Real-IP',
] as const;
/** Marks what came from the client. */
export const FORGED = 'forged';
const VALUES = [FORGED, `/public/${FORGED}`, `${FORGED}.example`, `GET ${FORGED}`] as const;

/** One request of a client that means harm. */
export interface Hostile {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: readonly Header[];
}

export function hostile(next: () => number): Hostile {
  const depth = 1 + Math.floor(next() * 4);
  const parts = Array.from({ length: depth }, () => pick(next, next() < 0.8 ? PARTS.slice(0, 4) : PARTS));
  const path = `/${parts.join('/')}${pick(next, ENDS)}`;
  const target = next() < 0.02 ? `http://${pick(next, HOSTS)}${path}` : path;
  const headers: Header[] = [];
  while (next() < 0.35) headers.push([spelled(next, pick(next, NAMES)), pick(next, VALUES)]);
  if (next() < 0.15)
    headers.push([
      'Connection',
      pick(next, ['X-Entra-Assertion', 'close', `keep-alive, ${pick(next, NAMES)}`]),
    ]);
  return { method: pick(next, METHODS), target, host: pick(next, HOSTS), headers };
}

/** Now and then with `_` for `-`, and in another case. */
function spelled(next: () => number, name: string): string {
  const dashes = next() < 0.3 ? name.replace(/-/g, () => (next() < 0.5 ? '_' : '-')) : name;
  return next() < 0.3 ? dashes.toLowerCase() : dashes;
}

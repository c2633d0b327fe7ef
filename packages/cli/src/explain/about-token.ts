import type { Finding } from '@entra-guard/core';
import { printable } from '../output/printable.js';
import { ownClaims } from './own-claims.js';

/** One line about a token. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

const LONGEST = 300;

/**
 * What a token says of itself, for people: nothing here is verified, and nothing here decides. Names of people and what
 * else may be personal is left out.
 *
 * @param findings what was found about it, its kind among them
 * @param now milliseconds since the epoch
 */
export function aboutToken(token: string, findings: readonly Finding[], now: number): readonly Fact[] {
  const claims = ownClaims(token);
  if (claims === undefined) return [];
  const kind = findings.find(({ check, ok }) => check === 'kind' && ok === true)?.found;
  const facts = [
    ['kind', kind],
    ['version', claims.ver],
    ['issuer', claims.iss],
    ['tenant', claims.tid],
    ['audience', claims.aud],
    ['client', claims.azp ?? claims.appid],
    ['object', claims.oid],
    ['scopes', claims.scp],
    ['roles', claims.roles],
    ['issued', timeOf(claims.iat, now)],
    ['not before', claims.nbf === claims.iat ? undefined : timeOf(claims.nbf, now)],
    ['expires', timeOf(claims.exp, now)],
  ] as const;
  return facts.flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [{ name, value: text }];
  });
}

function textOf(value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(' ') : value;
  if (typeof text !== 'string' || text === '') return undefined;
  return shortened(text);
}

/** Text of a token as far as people read it. */
export function shortened(text: string): string {
  return printable(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

function timeOf(seconds: unknown, now: number): string | undefined {
  if (typeof seconds !== 'number' || Math.abs(seconds) > 8e12) return undefined;
  const time = new Date(seconds * 1000).toISOString().replace('.000', '');
  return `${time} (${relative(seconds * 1000 - now)})`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `in 12 minutes`, `3 days ago`. */
function relative(milliseconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(milliseconds) >= length) ?? ['second', 1000];
  return new Intl.RelativeTimeFormat('en').format(Math.trunc(milliseconds / size), unit);
}

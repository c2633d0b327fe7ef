import { randomBytes } from 'node:crypto';
import type { UserClaims } from '@entra-guard/testing';
import type { LocalAuthority } from './local-authority.js';
import type { Rounds } from './rounds.js';
import { TokenFile } from './token-file.js';

/**
 * Tokens that a process has seen, and may remember, before rounds of new ones: an API that is up has callers. Without any,
 * the garbage collection ahead of a round takes away shapes of objects, and with them the code that V8 has optimized for them.
 */
export const CALLERS_BEFORE = 100;

/** How many tokens it takes for so many rounds of new ones. */
export function tokensFor({ before, counted }: Rounds, count: number): number {
  return startOfRound(before + counted, count);
}

/** Where the new tokens of a round begin: no token comes in two rounds. */
export function startOfRound(round: number, count: number): number {
  return CALLERS_BEFORE + round * count;
}

/** The new tokens of a round. */
export function tokensOfRound(
  { tokens }: Pick<LocalAuthority, 'tokens'>,
  round: number,
  count: number,
): readonly string[] {
  return tokens(startOfRound(round + 1, count)).slice(startOfRound(round, count));
}

/** Claims beside Entra's least, so that a token has the 1.35 kB that they have in practice. */
export function userClaims(name: string): UserClaims {
  return {
    scp: 'Orders.Read Orders.Write',
    roles: ['Orders.Approver'],
    idtyp: 'user',
    email: `${name}@contoso.example`,
  };
}

/** Tokens of a file, one a line. */
export function readTokens(file: string): readonly string[] {
  const tokens = new TokenFile(file);
  return Array.from({ length: tokens.length }, (_, index) => tokens.at(index));
}

/**
 * Tokens that no key has signed, each a different one: a good token's header and claims under a made-up signature, a
 * made-up key ID, an expired token, and no token at all, in turn.
 */
export function junkTokens(good: string, count: number): readonly string[] {
  const [header = '', payload = ''] = good.split('.');
  const kinds = [
    () => `${header}.${payload}.${madeUp()}`,
    () => `${changed(header, { kid: randomBytes(16).toString('hex') })}.${payload}.${madeUp()}`,
    () => `${header}.${changed(payload, { exp: 1_600_000_000 })}.${madeUp()}`,
    () => randomBytes(900).toString('base64url'),
  ];
  return Array.from({ length: count }, (_, index) => (kinds[index % kinds.length] as () => string)());
}

/** Smaller than any modulus, so that it has to be taken to the power of the exponent before it is known to be wrong. */
function madeUp(): string {
  return Buffer.concat([Buffer.alloc(1), randomBytes(255)]).toString('base64url');
}

/** A header or the claims of a token with other members. */
export function changed(part: string, members: object): string {
  const json = JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
  return Buffer.from(JSON.stringify({ ...json, ...members })).toString('base64url');
}

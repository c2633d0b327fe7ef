import { consoleLog, limitedLog } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import { Authority } from '../keys/authority.js';
import type { Settings } from '../options/settings.js';
import type { TrustedKeys } from './memory/known-routes.js';
import { type Remembered, TokenMemory } from './memory/token-memory.js';
import { TenantAnswers } from './tenant-answers.js';

/** Proves that a key made a token's signature. Does not name the token: it is kept with the token's entry. */
export interface Proof {
  /** The thumbprint of the key (RFC 7638). */
  readonly thumbprint: string;
  /** When the signature was verified, and until when it need not be verified again; milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** The cache entry of an accepted token. */
export interface RememberedToken extends Remembered {
  readonly auth: AuthContext;
  /** The authority that accepted it. */
  readonly candidate: Candidate;
  readonly trusted: TrustedKeys;
  readonly proof: Proof;
  /** The version of the revocations that the caller was judged by. */
  version: number | undefined;
}

/** An authority that a token may belong to, with its caches. */
export interface Candidate {
  readonly authority: Authority;
  /** `undefined` if no function decides about tenants. */
  readonly tenants: TenantAnswers | undefined;
  /** `undefined` if tokens are not cached. */
  readonly memory: TokenMemory<RememberedToken> | undefined;
}

export function candidateOf(settings: Settings): Candidate {
  const { tenancy, now, log, cache } = settings;
  const accepts = tenancy.kind === 'any' ? tenancy.accepts : undefined;
  return {
    authority: new Authority(settings, limitedLog(log ?? consoleLog, now)),
    tenants: accepts && new TenantAnswers(accepts, now),
    memory: cache && new TokenMemory(cache),
  };
}

/** Forgets what is remembered of exactly this token. */
export function forget(token: string, { memory }: Candidate): void {
  memory?.forget(token);
}

/** Returns the cache entry of exactly this token, whichever authority has accepted it. */
export function remembered(text: string, candidates: readonly Candidate[]): RememberedToken | undefined {
  for (const { memory } of candidates) {
    const known = memory?.recall(text);
    if (known !== undefined) return known;
  }
  return undefined;
}

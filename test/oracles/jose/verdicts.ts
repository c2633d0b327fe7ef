import { EntraGuardError, type Validator } from '@entra-guard/core';
import {
  createLocalJWKSet,
  errors,
  type JWK,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { NOW } from '../../support/forger.js';
import { singleTenant } from '../../support/outcome.js';
import { authority, PUBLISHED } from './published.js';
import { brokenRules, kindOf } from './rules.js';

/** Whether a library accepts a token, and how it reads it. */
export type Verdict =
  | { readonly accepted: true; readonly kind: 'user' | 'app' | undefined; readonly claims: string }
  | { readonly accepted: false; readonly why: string };

/** The verdicts of both libraries on a token, and of the rules if jose has accepted it. */
export interface Comparison {
  readonly ours: Verdict;
  readonly theirs: Verdict;
  readonly broken: readonly string[];
  /** The disagreement, or `undefined` if there is none. */
  readonly disagreement: string | undefined;
}

const validator: Validator = singleTenant({}, authority);
const keySet = createLocalJWKSet({ keys: PUBLISHED as JWK[] });
const options: JWTVerifyOptions = { algorithms: ['RS256'], currentDate: new Date(NOW), clockTolerance: 60 };

export async function compare(token: string): Promise<Comparison> {
  const [ours, { theirs, broken }] = await Promise.all([judgedByUs(token), judgedByJose(token)]);
  return { ours, theirs, broken, disagreement: disagreement(ours, theirs, broken) };
}

const crash = (error: unknown): string => `crash: ${String(error)}`;
const crashed = (verdict: Verdict): boolean => !verdict.accepted && verdict.why.startsWith('crash: ');

function disagreement(ours: Verdict, theirs: Verdict, broken: readonly string[]): string | undefined {
  if (crashed(ours)) return 'entra-guard neither accepts nor refuses the token.';
  if (crashed(theirs)) return 'jose neither accepts nor refuses the token.';
  if (!ours.accepted) {
    return theirs.accepted && broken.length === 0
      ? 'entra-guard refuses a token that jose and the rules accept.'
      : undefined;
  }
  if (!theirs.accepted) return 'entra-guard accepts a token that jose refuses.';
  if (broken.length > 0) return 'entra-guard accepts a token that breaks a rule.';
  if (ours.kind !== theirs.kind) return 'entra-guard and the rules find different kinds of token.';
  return ours.claims === theirs.claims ? undefined : 'entra-guard and jose read different claims.';
}

async function judgedByUs(token: string): Promise<Verdict> {
  try {
    const { kind, claims } = await validator.validate(token);
    return { accepted: true, kind, claims: JSON.stringify(claims) };
  } catch (error) {
    return { accepted: false, why: EntraGuardError.is(error) ? error.code : crash(error) };
  }
}

async function judgedByJose(
  token: string,
): Promise<{ readonly theirs: Verdict; readonly broken: readonly string[] }> {
  try {
    const { protectedHeader, payload } = await verifiedByJose(token);
    const broken = brokenRules({ token, header: { ...protectedHeader }, payload });
    if (broken.length > 0) return { theirs: { accepted: true, kind: undefined, claims: '' }, broken };
    return { theirs: { accepted: true, kind: kindOf(payload), claims: JSON.stringify(payload) }, broken };
  } catch (error) {
    const refused = error instanceof errors.JOSEError || isShortKey(error);
    return { theirs: { accepted: false, why: refused ? String(error) : crash(error) }, broken: [] };
  }
}

/** jose refuses short keys with a TypeError. */
const isShortKey = (error: unknown): boolean =>
  error instanceof TypeError && error.message.includes('modulusLength');

/** Verifies a token with the key it names, or with each candidate if there are several, as jose's documentation says. */
async function verifiedByJose(token: string): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keySet, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (refusal) {
        const another = refusal instanceof errors.JWSSignatureVerificationFailed || isShortKey(refusal);
        if (!another) throw refusal;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

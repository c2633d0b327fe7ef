import type { ErrorCode } from '../base/code-status.js';
import type { Refusal } from '../base/refusal.js';
import type { CheckOfToken } from './check-name.js';
import { checkAlgorithm } from './checks/algorithm.js';
import { checkAudience } from './checks/audience.js';
import { checkAuthorizedParty } from './checks/authorized-party.js';
import { checkClaimTypes } from './checks/claim-types.js';
import { checkCritical } from './checks/critical.js';
import { checkIssuer } from './checks/issuer.js';
import { checkKeyBinding } from './checks/key-binding.js';
import { checkKeyId } from './checks/key-id.js';
import { checkKind } from './checks/kind.js';
import type { Check, Look } from './checks/look.js';
import { checkPolicy } from './checks/policy.js';
import { checkTimes } from './checks/times.js';
import { checkType } from './checks/type.js';

/**
 * What a check looks at: the header, the claims that name the issuer, or the other claims. Tokens of one key and one
 * tenant agree in header and issuer. So the results of those checks for a verified token hold for the next one.
 */
type Subject = 'header' | 'issuer' | 'claims';

type Row = readonly [name: CheckOfToken, looksAt: Subject, codes: readonly ErrorCode[], check: Check];

/**
 * The checks of a token before its signature is verified, in this order. The first complaint refuses the token. The
 * claims are not verified yet, so a check can only refuse a token, never accept it.
 */
// biome-ignore format: one row a check
export const CHECKS: readonly Row[] = [
  // name              looks at  refuses with                                                        check
  ['algorithm',        'header', ['algorithm_not_allowed'],                                          checkAlgorithm],
  ['key_id',           'header', ['token_malformed'],                                                checkKeyId],
  ['critical',         'header', ['token_malformed'],                                                checkCritical],
  ['type',             'header', ['token_malformed'],                                                checkType],
  ['claim_types',      'claims', ['token_malformed'],                                                checkClaimTypes],
  ['issuer',           'issuer', ['issuer_not_accepted', 'tenant_not_accepted'],                     checkIssuer],
  ['audience',         'claims', ['audience_not_accepted'],                                          checkAudience],
  ['times',            'claims', ['token_expired', 'token_not_yet_valid', 'token_malformed'],        checkTimes],
  ['authorized_party', 'claims', ['not_an_access_token'],                                            checkAuthorizedParty],
  ['key_binding',      'claims', ['key_bound_token'],                                                checkKeyBinding],
  ['policy',           'issuer', ['policy_not_accepted'],                                            checkPolicy],
  ['kind',             'claims', ['token_kind_unknown', 'not_an_access_token'],                      checkKind],
];

/** Checks for a token that agrees with a verified one in header, issuer, tenant and policy. */
export const CHECKS_OF_CLAIMS: readonly Row[] = CHECKS.filter(([, looksAt]) => looksAt === 'claims');

/** Checks for a token whose issuer is checked elsewhere. */
export const CHECKS_BUT_ISSUER: readonly Row[] = CHECKS.filter(([, looksAt]) => looksAt !== 'issuer');

/** Returns the first complaint about a token; `undefined` if there is none. */
export function firstComplaint(look: Look, checks: readonly Row[] = CHECKS): Refusal | undefined {
  for (const [, , , check] of checks) {
    const complaint = check(look);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

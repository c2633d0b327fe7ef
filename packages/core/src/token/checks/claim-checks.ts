import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';
import type { TokenKind } from '../../caller/token-kind.js';
import type { Authority, IssuerClaims } from '../../keys/authority.js';
import { checkAudience } from './audience.js';
import { checkClaimTypes } from './claim-types.js';
import { checkAlgorithm } from './header-checks.js';
import { checkAuthorizedParty, checkBinding, classify } from './kind.js';
import { checkTimes } from './times.js';

/** The claims that say whose token it is. Their types were checked. */
export function issuerClaims(claims: JsonObject): IssuerClaims {
  const policy = claims.tfp ?? claims.acr;
  return {
    iss: claims.iss as string,
    tid: claims.tid as string | undefined,
    policy: typeof policy === 'string' ? policy.toLowerCase() : undefined,
  };
}

/**
 * The claims that every token needs before anything can be asked about it.
 *
 * @param wellFormed whether no string among them can hold half a character
 */
export function checkIssuerPresent(claims: JsonObject, wellFormed = false): Refusal | undefined {
  if (typeof claims.iss === 'string') return checkClaimTypes(claims, wellFormed);
  return {
    code: 'issuer_not_accepted',
    subject: 'issuer (iss)',
    found: shown(claims.iss),
    expected: "the authority's issuer",
    hint: 'Entra names the issuer in every token: this one does not come from Entra.',
  };
}

/** B2C: all policies share one issuer, so a token of a weaker flow must be told by its policy. */
export function checkPolicy({ policy }: IssuerClaims, authority: Authority): Refusal | undefined {
  const { tenancy } = authority.settings;
  if (tenancy.kind !== 'authority' || !tenancy.b2c) return undefined;
  if (authority.settings.concessions.otherPolicies) return undefined;
  const { accepted } = tenancy.b2c;
  if (policy !== undefined && accepted.has(policy)) return undefined;
  return {
    code: 'policy_not_accepted',
    subject: 'policy (tfp, acr)',
    found: shown(policy),
    expected: [...accepted.values()].map((one) => `"${one}"`).join(' or '),
    hint: 'The user came through another B2C policy. If it should be accepted, add it to policies.',
  };
}

/**
 * Everything that can be refused without a key, in order: the first complaint is the one that is told. What a token
 * says is believed here only to its harm; its kind counts only once the signature holds.
 *
 * @param whose what {@link issuerClaims} gives
 * @param now milliseconds since the epoch
 * @param seen whether this header and these issuer claims were found plausible before, at this authority
 */
export function checkClaims(
  header: JsonObject,
  claims: JsonObject,
  whose: IssuerClaims,
  authority: Authority,
  now: number,
  seen: boolean,
): TokenKind | Refusal {
  const { algorithms, audiences, clockTolerance, appClients, concessions } = authority.settings;
  const { idTokens } = concessions;
  const complaint =
    (seen ? undefined : (checkAlgorithm(header, algorithms) ?? authority.checkPlausible(whose))) ??
    checkAudience(claims, audiences) ??
    checkTimes(claims, now, clockTolerance) ??
    (idTokens ? undefined : checkAuthorizedParty(claims)) ??
    checkBinding(claims) ??
    (seen ? undefined : checkPolicy(whose, authority));
  return complaint ?? classify(claims, { b2c: authority.isB2c, appClients, idTokens });
}

import { EntraGuardError, type ErrorCode } from '../base/errors.js';
import { isFit, type JsonObject } from '../base/json-object.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { isRefusal, type Refusal, shown } from '../base/refusal.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import { Authority, type Trust } from '../keys/authority.js';
import { checkUnreadIssuer } from '../keys/unread-issuer.js';
import type { ValidatorOptions } from '../options/options.js';
import { resolveAllSettings } from '../options/settings.js';
import { evaluate } from '../requirements/evaluate.js';
import type { Requirement } from '../requirements/requirement.js';
import { checkAudience } from '../token/checks/audience.js';
import { checkIssuerPresent, checkPolicy, issuerClaims } from '../token/checks/claim-checks.js';
import { checkClaimTypes } from '../token/checks/claim-types.js';
import { checkAlgorithm, checkCritical, checkKeyId, checkType } from '../token/checks/header-checks.js';
import { checkAuthorizedParty, checkBinding, classify } from '../token/checks/kind.js';
import { checkTimes } from '../token/checks/times.js';
import { type CompactJws, takeApart } from '../token/compact-jws.js';
import { signatureHolds } from '../token/signature/signature.js';
import { foreignKey, invalidSignature, unfitClaims, unknownKey } from '../token/verdicts.js';

/** What {@link explain} checks, in the order in which the validator does. */
export type CheckName =
  | 'form'
  | 'algorithm'
  | 'key_id'
  | 'critical'
  | 'type'
  | 'claim_types'
  | 'issuer'
  | 'audience'
  | 'times'
  | 'authorized_party'
  | 'key_binding'
  | 'policy'
  | 'kind'
  | 'signing_key'
  | 'signature'
  | 'requirement';

/** What one check came to. */
export interface Finding {
  readonly check: CheckName;
  /** `undefined`: could not be checked, see `hint`. */
  readonly ok: boolean | undefined;
  /** The code that the validator would refuse with. */
  readonly code?: ErrorCode;
  /** What the token holds; bounded, and never the token or a part of it. */
  readonly found: string;
  readonly expected: string;
  /** Where it is not ok: the likely cause and what to change. */
  readonly hint?: string;
}

/** What {@link explain} may be told. */
export interface ExplainOptions {
  /** Also judge this requirement. It must hold no `check()`. */
  readonly requirement?: Requirement;
  /**
   * Whether to read metadata and keys, which asks the authority. `false` leaves the signature open, and the issuer where it
   * could be the authority's: one that can't be is refused all the same. Default `true`.
   */
  readonly keys?: boolean;
}

/**
 * Runs every check on a token, instead of stopping at the first that fails, and says for each what was found, what was
 * expected and what to do. For people and tools; whether a token may pass is for {@link createValidator} to say.
 * Hooks (`isRevoked`, a `tenants` function) are not asked.
 *
 * @throws ConfigurationError for options that can't be right (as a rejection)
 */
export async function explain(
  token: string,
  options: ValidatorOptions | readonly ValidatorOptions[],
  given: ExplainOptions = {},
): Promise<readonly Finding[]> {
  const { requirement, keys = true } = ownOptions('explain()', given);
  const authorities = resolveAllSettings(options).map((settings) => new Authority(settings, () => {}));
  try {
    const jws = takeApart(token);
    if (isRefusal(jws)) return [failed('form', jws)];
    const all = await Promise.all(
      authorities.map((authority) => explainFor(jws, authority, keys, requirement)),
    );
    // Several authorities: the one that the token comes closest to is the one it was meant for.
    const failures = (findings: readonly Finding[]): number =>
      findings.filter(({ ok }) => ok === false).length;
    return all.reduce((best, next) => (failures(next) < failures(best) ? next : best));
  } finally {
    for (const authority of authorities) authority.close();
  }
}

async function explainFor(
  jws: CompactJws,
  authority: Authority,
  keys: boolean,
  requirement: Requirement | undefined,
): Promise<Finding[]> {
  const { header, payload: claims } = jws;
  const { algorithms, audiences, clockTolerance, now, appClients } = authority.settings;
  const types = checkIssuerPresent(claims);
  const findings = [
    passed('form', 'three parts', 'a signed JWT'),
    finding('algorithm', checkAlgorithm(header, algorithms), shown(header.alg), algorithms.join(' or ')),
    finding('key_id', checkKeyId(header), shown(header.kid), 'the ID of a signing key'),
    finding('critical', checkCritical(header), 'nothing', 'nothing'),
    finding('type', checkType(header), shown(header.typ), '"JWT" or "at+jwt"'),
    finding('claim_types', checkClaimTypes(claims), 'the types that Entra uses', 'the types that Entra uses'),
    finding(
      'audience',
      checkAudience(claims, audiences),
      shown(claims.aud),
      [...audiences.accepted].map(shown).join(' or '),
    ),
    finding('times', checkTimes(claims, now(), clockTolerance), timesOf(claims), 'a time that includes now'),
    finding('authorized_party', checkAuthorizedParty(claims), shown(claims.azp ?? claims.appid), 'a client'),
    finding('key_binding', checkBinding(claims), 'none', 'none'),
  ];
  if (types !== undefined) {
    const order = findings.findIndex(({ check }) => check === 'claim_types');
    return [
      ...findings.slice(0, order),
      failed(types.code === 'issuer_not_accepted' ? 'issuer' : 'claim_types', types),
      ...findings.slice(order + 1),
    ];
  }
  const whose = issuerClaims(claims);
  if (authority.isB2c) {
    findings.push(
      finding('policy', checkPolicy(whose, authority), shown(whose.policy), 'an accepted policy'),
    );
  }
  const kind = classify(claims, { b2c: authority.isB2c, appClients, idTokens: false });
  findings.push(kindFinding(kind));
  const trusted = await trustedBy(authority, jws, keys);
  findings.splice(6, 0, ...trusted.filter(({ check }) => check === 'issuer'));
  findings.push(...trusted.filter(({ check }) => check !== 'issuer'));
  if (!isFit(claims)) return afterSignature(findings, requirement);
  if (requirement !== undefined) findings.push(judged(requirement, claims, kind, whose.tid ?? '', now()));
  return findings;
}

/** Claims that no application is handed: the validator says so once the signature holds. */
function afterSignature(findings: readonly Finding[], requirement: Requirement | undefined): Finding[] {
  return [
    ...findings.filter(({ check }) => check !== 'claim_types'),
    failed('claim_types', unfitClaims()),
    ...(requirement === undefined ? [] : [unjudged(requirement)]),
  ];
}

function kindFinding(kind: ReturnType<typeof classify>): Finding {
  const expected = 'a delegated or an app-only token';
  if (!isRefusal(kind))
    return passed('kind', kind.kind === 'user' ? 'a delegated token' : 'an app-only token', expected);
  // Without an authorized party that is the complaint, and it has been made.
  return kind.code === 'not_an_access_token'
    ? open('kind', 'no access token', expected, 'Not checked: there is no authorized party.')
    : failed('kind', kind);
}

/** The checks that need the authority's metadata and keys. */
async function trustedBy(authority: Authority, jws: CompactJws, keys: boolean): Promise<Finding[]> {
  const { header, payload } = jws;
  const whose = issuerClaims(payload);
  const implausible = authority.checkPlausible(whose);
  const impossible = implausible ?? checkUnreadIssuer(authority.settings, whose.iss);
  const refuse = (refusal: Refusal): Finding[] => [
    failed('issuer', refusal),
    ...unknown('the issuer is not accepted'),
  ];
  if (implausible !== undefined) return refuse(implausible);
  if (!keys) {
    if (impossible !== undefined) return refuse(impossible);
    return [
      open('issuer', shown(whose.iss), 'the issuer that the metadata states', 'Not compared: keys: false.'),
      ...unknown('keys: false'),
    ];
  }
  try {
    const trust = await authority.trust(whose);
    if (isRefusal(trust)) return refuse(trust);
    return [
      passed('issuer', shown(whose.iss), shown(trust.issuer)),
      ...(await signatureFindings(jws, trust)),
    ];
  } catch (error) {
    if (!EntraGuardError.is(error)) throw error;
    if (impossible !== undefined) return refuse(impossible);
    const hint = `${printable(error.message)} ${error.hint}`;
    return [
      open('issuer', shown(whose.iss), 'the issuer that the metadata states', hint),
      open('signing_key', shown(header.kid), 'a key that the authority publishes', hint),
      open('signature', 'a signature', 'one made with that key', hint),
    ];
  }
}

async function signatureFindings(jws: CompactJws, trust: Trust): Promise<Finding[]> {
  const { header, payload } = jws;
  const kid = String(header.kid);
  const algorithm = header.alg === 'PS256' ? 'PS256' : 'RS256';
  const named = (await trust.keys.get()).find(kid);
  const serving = (await trust.serving(named)).filter(({ alg }) => alg === undefined || alg === algorithm);
  if (serving.length === 0) {
    const refusal =
      named.length === 0 ? unknownKey(kid, trust.issuer, payload) : foreignKey(kid, trust.issuer);
    return [
      failed('signing_key', refusal),
      open('signature', 'a signature', 'one made with a published key', 'There is no key to verify it with.'),
    ];
  }
  const key = passed('signing_key', shown(kid), `a key that serves ${shown(trust.issuer)}`);
  const holds = serving.some((one) => signatureHolds(jws, one.key, algorithm));
  return [
    key,
    holds
      ? passed('signature', 'one that holds', 'one that holds')
      : failed('signature', invalidSignature(header)),
  ];
}

function judged(
  requirement: Requirement,
  claims: JsonObject,
  kind: ReturnType<typeof classify>,
  tenantId: string,
  now: number,
): Finding {
  if (isRefusal(kind)) return unjudged(requirement);
  const auth = new TokenAuthContext(claims, kind, tenantId.toLowerCase());
  const held = `${kind.kind === 'user' ? `scopes ${list(kind.scopes)}, user roles` : 'application permissions'} ${list(kind.roles)}`;
  const decision = evaluate(requirement, auth, { now });
  if (decision.granted) return passed('requirement', held, requirement.toString());
  const { code, hint } = decision;
  return { check: 'requirement', ok: false, code, found: held, expected: requirement.toString(), hint };
}

function unjudged(requirement: Requirement): Finding {
  return open(
    'requirement',
    'no permissions to judge by',
    requirement.toString(),
    'The token has to be right first.',
  );
}

const list = (values: readonly string[]): string =>
  values.length === 0 ? '(none)' : printable(values.join(', '));

function timesOf(claims: JsonObject): string {
  return ['iat', 'nbf', 'exp'].map((name) => `${name} ${shown(claims[name])}`).join(', ');
}

function finding(check: CheckName, refusal: Refusal | undefined, found: string, expected: string): Finding {
  return refusal === undefined ? passed(check, found, expected) : failed(check, refusal);
}

function passed(check: CheckName, found: string, expected: string): Finding {
  return { check, ok: true, found, expected };
}

function failed(check: CheckName, { code, found = 'something else', expected, hint }: Refusal): Finding {
  return { check, ok: false, code, found, expected, hint };
}

function open(check: CheckName, found: string, expected: string, hint: string): Finding {
  return { check, ok: undefined, found, expected, hint };
}

function unknown(why: string): Finding[] {
  const hint = `Not checked: ${why}.`;
  return [
    open('signing_key', 'a key ID', 'a key that the issuer publishes', hint),
    open('signature', 'a signature', 'one made with that key', hint),
  ];
}

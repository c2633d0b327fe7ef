import type { ErrorCode } from '../base/code-status.js';
import { EntraGuardError } from '../base/errors.js';
import type { JsonObject } from '../base/json-object.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { isRefusal, type Refusal, shown } from '../base/refusal.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import { refuseIssuer } from '../keys/accepted-issuers.js';
import { Authority, type Trust } from '../keys/authority.js';
import { checkUnreadIssuer } from '../keys/unread-issuer.js';
import {
  partOptions,
  SETTING_NAMES,
  type SettingsPlace,
  type SharedSettings,
} from '../options/guard-settings.js';
import type { ValidatorOptions } from '../options/options.js';
import { resolveAllSettings } from '../options/settings.js';
import { isB2c } from '../options/tenancy.js';
import { evaluate } from '../requirements/evaluate.js';
import type { Requirement } from '../requirements/requirement.js';
import type { CheckName, CheckOfToken } from '../token/check-name.js';
import { issuerClaims } from '../token/checks/issuer.js';
import { type Look, lookOf } from '../token/checks/look.js';
import { EXPECTED_TYPES } from '../token/checks/type.js';
import { CHECKS } from '../token/checks.js';
import { type CompactJws, takeApart } from '../token/compact-jws.js';
import { signatureHolds } from '../token/signature/signature.js';
import { foreignKey, invalidSignature, unknownKey } from '../token/signature-refusals.js';

/** The result of one check. */
export interface Finding {
  readonly check: CheckName;
  /** Whether the check passed; `undefined` if it could not be made, see `hint`. */
  readonly ok: boolean | undefined;
  /** The code with which the validator would refuse the token. */
  readonly code?: ErrorCode;
  /** What the token holds. Bounded; never the token itself or a part of its text. */
  readonly found: string;
  readonly expected: string;
  /** If not ok: the likely cause and what to change. */
  readonly hint?: string;
}

/** Options of {@link explain}. */
export interface ExplainOptions {
  /** Also judge this requirement. It must hold no `check()`. */
  readonly requirement?: Requirement;
  /**
   * Whether to read metadata and keys from the authority. With `false` the signature is not checked, and the issuer
   * only as far as possible without metadata. Default `true`.
   */
  readonly keys?: boolean;
}

/**
 * Runs every check on a token instead of stopping at the first failure, and says for each what was found, what was
 * expected and what to do. For people and tools: only a validator ({@link createValidator}) decides whether a token is
 * accepted. Does not call hooks (`isRevoked`, a `tenants` function, `groupsOf`).
 *
 * @throws ConfigurationError for invalid options (as a rejection)
 */
export async function explain(
  token: string,
  options: (ValidatorOptions & SharedSettings) | readonly ValidatorOptions[],
  given: ExplainOptions = {},
): Promise<readonly Finding[]> {
  const { requirement, keys = true } = ownOptions('explain()', given);
  const { authorities: parted } = partOptions(options, PLACE);
  const authorities = resolveAllSettings(parted).map((settings) => new Authority(settings, () => {}));
  try {
    const jws = takeApart(token);
    if (isRefusal(jws)) return [failed('form', jws)];
    const all = await Promise.all(
      authorities.map((authority) => explainFor(jws, authority, keys, requirement)),
    );
    // With several authorities, shows the one for which the fewest checks failed: the token was probably meant for it.
    const failures = (findings: readonly Finding[]): number =>
      findings.filter(({ ok }) => ok === false).length;
    return all.reduce((best, next) => (failures(next) < failures(best) ? next : best));
  } finally {
    for (const authority of authorities) authority.close();
  }
}

/** Settings of a guard concern callers, and tokens are explained without them. */
const PLACE: SettingsPlace = {
  allowed: SETTING_NAMES,
  instead: (name) => `Leave it out: explain() does not use ${name}.`,
};

async function explainFor(
  jws: CompactJws,
  authority: Authority,
  keys: boolean,
  requirement: Requirement | undefined,
): Promise<Finding[]> {
  const look = lookOf(jws, issuerClaims(jws.payload), authority, authority.settings.now());
  const findings = [passed('form', 'three parts', 'a signed JWT'), ...findingsOf(look)];
  if (findings.every(({ check }) => check !== 'kind')) {
    return requirement === undefined ? findings : [...findings, unjudged(requirement)];
  }
  const [issuer, ...signature] = await trustedBy(authority, jws, keys);
  const all = [...findings.map((one) => (one.check === 'issuer' ? (issuer as Finding) : one)), ...signature];
  return requirement === undefined ? all : [...all, judged(requirement, look)];
}

/** Runs every row of the table, also after a complaint. Skips rows whose claims have a wrong type. */
function findingsOf(look: Look): Finding[] {
  const findings: Finding[] = [];
  const skipped = new Set<CheckName>(isB2c(look.authority.settings) ? [] : ['policy']);
  for (const [check, , , complaintOf] of CHECKS) {
    if (skipped.has(check)) continue;
    const complaint = complaintOf(look);
    findings.push(
      complaint === undefined ? passed(check, ...passing(check, look)) : failed(check, complaint),
    );
    const unknown = check === 'claim_types' || (check === 'issuer' && typeof look.whose.iss !== 'string');
    if (complaint !== undefined && unknown)
      for (const next of ['issuer', 'policy', 'kind'] as const) skipped.add(next);
  }
  return findings.map((one) => (one.check === 'kind' && one.code === 'not_an_access_token' ? NO_KIND : one));
}

/** For a token without an authorized party, about which another check has complained. */
const NO_KIND = open(
  'kind',
  'no access token',
  'a delegated or an app-only token',
  'Not checked: there is no authorized party.',
);

/** What was found and what was expected, for a check without a complaint. */
function passing(check: CheckOfToken, { header, claims, whose, authority, kind }: Look): [string, string] {
  const { algorithms, audiences } = authority.settings;
  switch (check) {
    case 'algorithm':
      return [shown(header.alg), algorithms.join(' or ')];
    case 'key_id':
      return [shown(header.kid), 'the ID of a signing key'];
    case 'critical':
      return ['nothing', 'nothing'];
    case 'type':
      return [shown(header.typ), EXPECTED_TYPES];
    case 'claim_types':
      return ['the types that Entra uses', 'the types that Entra uses'];
    case 'issuer':
      return [shown(whose.iss), 'an accepted issuer'];
    case 'audience':
      return [shown(claims.aud), [...audiences.accepted].map(shown).join(' or ')];
    case 'times':
      return [timesIn(claims), 'a time that includes now'];
    case 'authorized_party':
      return [shown(claims.azp ?? claims.appid), 'a client'];
    case 'key_binding':
      return ['none', 'none'];
    case 'policy':
      return [shown(whose.policy), 'an accepted policy'];
    case 'kind':
      return [
        kind?.kind === 'user' ? 'a delegated token' : 'an app-only token',
        'a delegated or an app-only token',
      ];
  }
}

/** Runs the checks that need the authority's metadata and keys. */
async function trustedBy(authority: Authority, jws: CompactJws, keys: boolean): Promise<Finding[]> {
  const { header, payload } = jws;
  const whose = issuerClaims(payload);
  const implausible = refuseIssuer(authority, whose);
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

function judged(requirement: Requirement, { claims, whose, kind, now }: Look): Finding {
  if (kind === undefined) return unjudged(requirement);
  const auth = new TokenAuthContext(claims, kind, (whose.tid ?? '').toLowerCase());
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
    'Not judged: the token has to pass the checks above first.',
  );
}

const list = (values: readonly string[]): string =>
  values.length === 0 ? '(none)' : printable(values.join(', '));

function timesIn(claims: JsonObject): string {
  return ['iat', 'nbf', 'exp'].map((name) => `${name} ${shown(claims[name])}`).join(', ');
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

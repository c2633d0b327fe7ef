import { EntraGuardError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { isRefusal, shown } from '../base/refusal.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import { refuseIssuer } from '../keys/accepted-issuers.js';
import { Authority, type Trust } from '../keys/authority.js';
import {
  partOptions,
  SETTING_NAMES,
  type SettingsPlace,
  type SharedSettings,
} from '../options/guard-settings.js';
import type { ValidatorOptions } from '../options/options.js';
import { resolveAllSettings } from '../options/settings.js';
import { evaluate } from '../requirements/evaluate.js';
import type { Requirement } from '../requirements/requirement.js';
import { issuerClaims } from '../token/checks/issuer.js';
import { type Look, lookOf } from '../token/checks/look.js';
import { type CompactJws, takeApart } from '../token/compact-jws.js';
import { signatureHolds } from '../token/signature/signature.js';
import { foreignKey, invalidSignature, unknownKey } from '../token/signature-refusals.js';
import { type Finding, failed, open, passed } from './finding.js';
import { impossibleIssuer, isComplete, unreadFindings, withIssuer, withoutKeys } from './unread.js';

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
): Promise<readonly Finding[]> {
  const look = lookOf(jws, issuerClaims(jws.payload), authority, authority.settings.now());
  const unread = unreadFindings(look, 'keys: false');
  const complete = isComplete(unread);
  const findings = keys && complete ? await readFindings(unread, look, jws, authority) : unread;
  if (requirement === undefined) return findings;
  return [...findings, complete ? judged(requirement, look) : unjudged(requirement)];
}

/** Runs the checks that need the authority's metadata and keys. */
async function readFindings(
  unread: readonly Finding[],
  { header, whose }: Look,
  jws: CompactJws,
  authority: Authority,
): Promise<readonly Finding[]> {
  if (refuseIssuer(authority, whose) !== undefined) return unread;
  const claims = unread.filter(({ check }) => check !== 'signing_key' && check !== 'signature');
  try {
    const trust = await authority.trust(whose);
    return isRefusal(trust)
      ? [...withIssuer(claims, failed('issuer', trust)), ...withoutKeys('the issuer is not accepted')]
      : [
          ...withIssuer(claims, passed('issuer', shown(whose.iss), shown(trust.issuer))),
          ...(await signatureFindings(jws, trust)),
        ];
  } catch (error) {
    if (!EntraGuardError.is(error)) throw error;
    if (impossibleIssuer({ whose, authority }) !== undefined) return unread;
    const hint = `${printable(error.message)} ${error.hint}`;
    return [
      ...withIssuer(claims, open('issuer', shown(whose.iss), 'the issuer that the metadata states', hint)),
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

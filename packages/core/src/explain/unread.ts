import type { JsonObject } from '../base/json-object.js';
import { type Refusal, shown } from '../base/refusal.js';
import { refuseIssuer } from '../keys/accepted-issuers.js';
import { checkUnreadIssuer } from '../keys/unread-issuer.js';
import { isB2c } from '../options/tenancy.js';
import type { CheckName, CheckOfToken } from '../token/check-name.js';
import type { Look } from '../token/checks/look.js';
import { EXPECTED_TYPES } from '../token/checks/type.js';
import { CHECKS } from '../token/checks.js';
import { type Finding, failed, open, passed } from './finding.js';

/**
 * Runs every check that needs no metadata and no keys, also after a complaint. Imports nothing of Node, so that a page in a
 * browser explains tokens by the same table.
 *
 * @param why why metadata and keys were not read
 * @returns up to `kind` for a token whose claims have a wrong type; otherwise up to `signature`, which stays open
 */
export function unreadFindings(look: Look, why: string): readonly Finding[] {
  const findings = [passed('form', 'three parts', 'a signed JWT'), ...findingsOf(look)];
  if (!isComplete(findings)) return findings;
  const impossible = impossibleIssuer(look);
  const issuer =
    impossible === undefined
      ? open('issuer', shown(look.whose.iss), 'the issuer that the metadata states', `Not compared: ${why}.`)
      : failed('issuer', impossible);
  return [
    ...withIssuer(findings, issuer),
    ...withoutKeys(impossible === undefined ? why : 'the issuer is not accepted'),
  ];
}

/** Tells whether all checks of claims could be made. */
export function isComplete(findings: readonly Finding[]): boolean {
  return findings.some(({ check }) => check === 'kind');
}

/** Returns findings with another one for the issuer. */
export function withIssuer(findings: readonly Finding[], issuer: Finding): readonly Finding[] {
  return findings.map((one) => (one.check === 'issuer' ? issuer : one));
}

/** Refuses an issuer that no metadata of this authority could state. */
export function impossibleIssuer({
  whose,
  authority,
}: Pick<Look, 'whose' | 'authority'>): Refusal | undefined {
  return refuseIssuer(authority, whose) ?? checkUnreadIssuer(authority.settings, whose.iss);
}

/** Returns the findings of key and signature where they could not be looked at. */
export function withoutKeys(why: string): readonly Finding[] {
  const hint = `Not checked: ${why}.`;
  return [
    open('signing_key', 'a key ID', 'a key that the issuer publishes', hint),
    open('signature', 'a signature', 'one made with that key', hint),
  ];
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

function timesIn(claims: JsonObject): string {
  return ['iat', 'nbf', 'exp'].map((name) => `${name} ${shown(claims[name])}`).join(', ');
}

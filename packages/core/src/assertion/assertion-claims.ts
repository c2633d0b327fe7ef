import type { JsonObject } from '../base/json-object.js';
import { isJsonObject } from '../base/json-object.js';
import type { AuthContext } from '../caller/auth-context.js';
import { type AuthorityFacts, authorityOf } from '../caller/authority-facts.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import { ASSERTION_VERSION } from './form.js';

/** What an assertion holds. Times are seconds since the epoch (RFC 7519 section 2). */
export interface AssertionClaims {
  readonly v: typeof ASSERTION_VERSION;
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  /** The pattern of the rule that let the request pass. */
  readonly rule: string;
  /** `'anonymous'`: the rule is open to every caller, and none was looked at. */
  readonly kind: 'user' | 'app' | 'anonymous';
  /** The caller's `subjectKey`. */
  readonly sub?: string;
  readonly tid?: string;
  readonly oid?: string;
  readonly azp?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  /** Those claims of the access token by which callers are judged, and no names and mail addresses. */
  readonly token?: JsonObject;
  /** What a challenge needs to know. */
  readonly authority?: AuthorityFacts;
}

/** The part of an assertion that tells who called. */
type CallerClaims = Pick<
  AssertionClaims,
  'kind' | 'sub' | 'tid' | 'oid' | 'azp' | 'scopes' | 'roles' | 'token' | 'authority'
>;

/** The claims of an access token that requirements, revocations and audit events read. */
const OF_TOKEN = [
  'iss',
  'aud',
  'iat',
  'nbf',
  'exp',
  'ver',
  'tid',
  'oid',
  'sub',
  'uti',
  'sid',
  'azp',
  'appid',
  'azpacr',
  'appidacr',
  'idtyp',
  'scp',
  'roles',
  'acrs',
  'acr',
  'acct',
  'tfp',
  'auth_time',
  'xms_cc',
  'xms_act_fct',
  'xms_sub_fct',
  'xms_par_app_azp',
  'groups',
  'hasgroups',
  '_claim_names',
] as const;

/** More would not fit into a header. Such a user's groups have to be asked for, as those of a user with too many for a token. */
const MOST_GROUPS = 40;

/**
 * Tells who called.
 *
 * @param auth `undefined` where the rule is open to every caller
 * @param further names of further claims of the access token
 */
export function claimsOfCaller(auth: AuthContext | undefined, further: readonly string[]): CallerClaims {
  if (auth === undefined) return { kind: 'anonymous' };
  const { kind, subjectKey, tenantId, objectId, clientId, scopes, roles, claims } = auth;
  const names = [...OF_TOKEN, ...further].filter((name) => Object.hasOwn(claims, name));
  const token: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, claims[name]]));
  if (Array.isArray(token.groups) && token.groups.length > MOST_GROUPS) {
    delete token.groups;
    token.hasgroups = true;
  }
  const authority = authorityOf(auth);
  return {
    kind,
    sub: subjectKey,
    tid: tenantId,
    ...(objectId === undefined ? {} : { oid: objectId }),
    azp: clientId,
    scopes: [...scopes],
    roles: [...roles],
    token,
    ...(authority === undefined ? {} : { authority: factsOf(authority) }),
  };
}

const factsOf = ({ applicationIdUri, authorizationUri, realm }: AuthorityFacts): AuthorityFacts => ({
  applicationIdUri,
  authorizationUri,
  realm,
});

/** Makes the caller of a verified assertion; `'anonymous'` for one without, `undefined` for one that is not complete. */
export function callerIn(claims: JsonObject): AuthContext | 'anonymous' | undefined {
  const { kind, sub, tid, azp, scopes, roles, token, authority } = claims;
  if (kind === 'anonymous') return 'anonymous';
  const complete =
    (kind === 'user' || kind === 'app') &&
    [sub, tid, azp].every(isText) &&
    isListOfText(scopes) &&
    isListOfText(roles) &&
    isToken(token) &&
    (authority === undefined || isAuthority(authority));
  if (!complete) return undefined;
  // Like the claims of a token: without members that were not written.
  Object.setPrototypeOf(token, null);
  const facts = authority === undefined ? undefined : factsOf(authority);
  const who = { kind: kind as 'user' | 'app', clientId: azp as string, scopes, roles };
  const auth = new TokenAuthContext(token, who, tid as string, facts);
  return auth.subjectKey === sub ? auth : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isListOfText = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

/** Whether what is read of a token's claims has the types that a validator has checked. */
function isToken(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  const { iss, exp, oid, sub, acrs, groups } = value;
  return (
    isText(iss) &&
    typeof exp === 'number' &&
    (isText(oid) || isText(sub)) &&
    (acrs === undefined || isListOfText(acrs)) &&
    (groups === undefined || isListOfText(groups))
  );
}

function isAuthority(value: unknown): value is AuthorityFacts & JsonObject {
  if (!isJsonObject(value)) return false;
  return [value.applicationIdUri, value.authorizationUri, value.realm].every(
    (text) => typeof text === 'string',
  );
}

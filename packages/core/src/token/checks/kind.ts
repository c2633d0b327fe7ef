import type { JsonObject } from '../../base/json-object.js';
import { isRefusal, type Refusal, shown } from '../../base/refusal.js';
import { identifier } from '../../caller/identifier.js';
import type { TokenKind } from '../../caller/token-kind.js';
import { isB2c } from '../../options/tenancy.js';
import { authorizedParty, notAnAccessToken, text } from './authorized-party.js';
import type { Look } from './look.js';

/** What classification needs to know about the authority. */
export interface KindRules {
  /** Whether it is Azure AD B2C: then `sub` and `oid` are not compared, and daemons have their permissions in `scp`. */
  readonly b2c: boolean;
  /** Client IDs of B2C daemons, in lower case. */
  readonly appClients: ReadonlySet<string>;
  /** Whether ID tokens are accepted, during a migration. */
  readonly idTokens: boolean;
}

/** Notes whether the token is delegated or app-only. Refuses any other token. */
export function checkKind(look: Look): Refusal | undefined {
  const { appClients, concessions } = look.authority.settings;
  const rules = { b2c: isB2c(look.authority.settings), appClients, idTokens: concessions.idTokens };
  const kind = classify(look.claims, rules);
  if (isRefusal(kind)) return kind;
  look.kind = kind;
  return undefined;
}

const NO_SCOPES: readonly string[] = Object.freeze([]);

/**
 * Returns the scopes in `scp`, without the empty one and "/", which app-only tokens of agents have (Entra: agent token
 * claims).
 */
function realScopes(claims: JsonObject): readonly string[] {
  const scp = text(claims.scp);
  if (scp === undefined) return NO_SCOPES;
  const scopes: string[] = [];
  // In one pass, because splitting and filtering takes three times as long.
  for (let start = 0, end = 0; start <= scp.length; start = end + 1) {
    const blank = scp.indexOf(' ', start);
    end = blank < 0 ? scp.length : blank;
    const scope = scp.slice(start, end);
    if (scope !== '' && scope !== '/') scopes.push(scope);
  }
  return scopes;
}

/**
 * Tells whether a token is delegated or app-only: by `idtyp` first, then by `scp`, then by `sub` equal to `oid`. Never
 * by roles.
 */
export function classify(claims: JsonObject, rules: KindRules): TokenKind | Refusal {
  const clientId = authorizedParty(claims)?.toLowerCase();
  if (clientId === undefined && !rules.idTokens) return notAnAccessToken();
  const anonymous = checkSubject(claims, rules.appClients);
  if (anonymous !== undefined) return anonymous;
  const scopes = realScopes(claims);
  const roles = (claims.roles as readonly string[] | undefined) ?? [];
  if (clientId === undefined) return idToken(claims, scopes, roles);
  if (rules.b2c) return classifyB2c(claims, clientId, scopes, roles, rules.appClients);
  const user: TokenKind = { kind: 'user', clientId, scopes, roles };
  const idtyp = claims.idtyp;
  if (idtyp !== undefined) {
    if (idtyp === 'user' && scopes.length > 0) return user;
    if (idtyp === 'app' && scopes.length === 0) return appOnly(claims, clientId, roles);
    return unknownKind(
      `idtyp ${shown(idtyp)} with ${scopes.length > 0 ? 'a scope' : 'no scope'}`,
      'These claims contradict each other, or this kind of token is unknown.',
    );
  }
  if (scopes.length > 0) return user;
  const { sub, oid } = claims;
  if (identifier(sub) !== undefined && sub === oid) return appOnly(claims, clientId, roles);
  return unknownKind(
    'no scope, and a subject (sub) that is not the object ID (oid)',
    "A delegated token needs a scope in scp: the client asked only for openid, profile or another API, or the token is an ID token. An app-only token has sub equal to oid: add the optional claim idtyp to the API's access tokens, which states it.",
  );
}

/**
 * Refuses a token that does not identify its caller. Otherwise callers with one identifier in common would share the
 * data that is stored under it. The object ID identifies a caller. So does the subject, unless it is a placeholder or
 * equal to a claim that all callers share.
 */
function checkSubject(claims: JsonObject, appClients: ReadonlySet<string>): Refusal | undefined {
  if (identifier(claims.oid) !== undefined) return undefined;
  const sub = identifier(claims.sub);
  if (sub === undefined) {
    const given = [
      ...(text(claims.sub) === undefined ? [] : [`a placeholder for a subject (sub), ${shown(claims.sub)}`]),
      ...(text(claims.oid) === undefined ? [] : [`one for an object ID (oid), ${shown(claims.oid)}`]),
    ];
    return unknownKind(
      given.length === 0 ? 'neither a subject (sub) nor an object ID (oid)' : given.join(', and '),
      EMIT_OID,
    );
  }
  const shared = SHARED.find((name) => isSame(claims[name], sub));
  // A daemon's client ID identifies it.
  if (shared === undefined || appClients.has(sub.toLowerCase())) return undefined;
  return unknownKind(`no object ID (oid), and a subject (sub) that is the same as ${shared}`, EMIT_OID);
}

/** Claims that tokens of several callers have in common. */
const SHARED = ['iss', 'aud', 'tid', 'azp', 'appid', 'tfp', 'acr'] as const;

const EMIT_OID =
  'The token does not say whose it is. Have oid emitted: in a B2C user flow select the application claim "User\'s Object ID"; in a custom policy make objectId an output claim, with the partner claim type oid or sub; elsewhere look for a claims-mapping policy that removes oid and sub.';

function isSame(value: unknown, sub: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === sub.toLowerCase();
}

function appOnly(claims: JsonObject, clientId: string, roles: readonly string[]): TokenKind | Refusal {
  if (identifier(claims.oid) === undefined) {
    return unknownKind(
      'an app-only token without an object ID (oid)',
      'The client has no service principal in this tenant, so no administrator there has consented to it. Create one: az ad sp create --id <client ID>.',
    );
  }
  return { kind: 'app', clientId, scopes: [], roles };
}

/**
 * Reads an ID token as a user's access token. Its client is the audience, its scope `openid` (OpenID Connect Core
 * section 2).
 */
function idToken(
  claims: JsonObject,
  scopes: readonly string[],
  roles: readonly string[],
): TokenKind | Refusal {
  if (claims.idtyp !== undefined) return notAnAccessToken();
  const clientId = String(claims.aud).toLowerCase();
  return { kind: 'user', clientId, scopes: scopes.length > 0 ? scopes : ['openid'], roles };
}

function classifyB2c(
  claims: JsonObject,
  clientId: string,
  scopes: readonly string[],
  roles: readonly string[],
  appClients: ReadonlySet<string>,
): TokenKind | Refusal {
  if (appClients.has(clientId)) return { kind: 'app', clientId, scopes: [], roles: [...scopes, ...roles] };
  if (scopes.length > 0 && claims.idtyp !== 'app') return { kind: 'user', clientId, scopes, roles };
  return unknownKind(
    'a B2C token without a scope',
    "A user's token needs a scope of this API in scp. Daemons of a B2C tenant have to be named in the appClients option.",
  );
}

function unknownKind(found: string, hint: string): Refusal {
  return {
    code: 'token_kind_unknown',
    subject: 'kind',
    found,
    expected: 'a delegated or an app-only access token',
    hint,
  };
}

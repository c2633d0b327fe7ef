import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { type JsonObject, sealed } from '../base/json-object.js';
import { agentFacts } from './agent.js';
import { type AgentFacts, AuthContext, CALLER_BRAND, recognizeContexts } from './auth-context.js';
import { AUTHORITY_FACTS, type AuthorityFacts } from './authority-facts.js';
import type { EntraClaims } from './claims.js';
import { identifier } from './identifier.js';
import { FrozenStringSet, type StringSet } from './string-set.js';
import type { TokenKind } from './token-kind.js';

/** An own property, so that copies of a context have it. */
const CLAIMS: PropertyDescriptor = {
  enumerable: true,
  get(this: object): EntraClaims {
    return TokenAuthContext.claimsOf(this);
  },
};

const NONE: readonly string[] = Object.freeze([]);

/** Tells whether a text is the token that a caller was authenticated by, without holding the token. */
export interface TokenMatcher {
  isOf(text: string): boolean;
}

/** An {@link AuthContext} made from the claims of a verified token. Deeply frozen. */
export class TokenAuthContext extends AuthContext {
  readonly kind: 'user' | 'app';
  readonly issuer: string;
  readonly tenantId: string;
  readonly objectId: string | undefined;
  readonly clientId: string;
  readonly subjectKey: string;
  readonly scopes: StringSet;
  readonly roles: StringSet;
  readonly groups: StringSet | 'overage';
  readonly agent: AgentFacts | undefined;
  readonly guest: boolean | undefined;
  readonly authenticationContexts: StringSet;
  readonly expiresAt: number;
  readonly tokenId: string | undefined;
  declare readonly claims: EntraClaims;
  readonly #claims: JsonObject;
  #sealed = false;
  #print: TokenMatcher | undefined;
  readonly #authority: AuthorityFacts | undefined;

  /**
   * @param claims with checked types, fit to be sealed; no other code may hold them
   * @param authority what a challenge needs to know; given by validators
   */
  constructor(
    claims: JsonObject,
    { kind, clientId, scopes, roles }: TokenKind,
    tenantId: string,
    authority?: AuthorityFacts,
  ) {
    super();
    const typed = claims as unknown as EntraClaims;
    this.kind = kind;
    this.issuer = typed.iss;
    this.tenantId = tenantId;
    this.objectId = identifier(typed.oid)?.toLowerCase();
    this.clientId = clientId;
    this.subjectKey = subjectKey(typed, kind, tenantId, this.objectId);
    this.scopes = FrozenStringSet.of(scopes);
    this.roles = FrozenStringSet.of(roles);
    this.groups = groupsOf(claims);
    this.agent = agentFacts(claims);
    this.guest = typed.acct === 1 ? true : typed.acct === 0 ? false : undefined;
    this.authenticationContexts = FrozenStringSet.of(
      typed.acrs === undefined ? NONE : typed.acrs.map((id) => id.toLowerCase()),
    );
    this.expiresAt = typed.exp * 1000;
    this.tokenId = typed.uti;
    this.#claims = claims;
    this.#authority = authority;
    Object.defineProperty(this, 'claims', CLAIMS);
    Object.freeze(this);
  }

  static {
    // Only what the constructor made has the private member. A copy or a Proxy of a context, or an object that inherits
    // from one, does not.
    recognizeContexts((value) => #claims in value);
    Object.defineProperty(TokenAuthContext.prototype, CALLER_BRAND, { value: true });
  }

  /**
   * Hidden behind a symbol, because handlers don't need it. `undefined` for an object that copies a context or inherits
   * from one.
   */
  get [AUTHORITY_FACTS](): AuthorityFacts | undefined {
    return #claims in this ? this.#authority : undefined;
  }

  /** Notes the print of the token that a context was made from. */
  static notePrint(auth: TokenAuthContext, print: TokenMatcher): void {
    auth.#print = print;
  }

  /**
   * Returns the print of a context's token; `undefined` if it was made without a token, or by another copy of the
   * package.
   */
  static printOf(auth: object): TokenMatcher | undefined {
    return #claims in auth ? auth.#print : undefined;
  }

  /** Returns a context's claims, and freezes them at the first call. Few handlers read them, and freezing takes long. */
  static claimsOf(context: object): EntraClaims {
    const auth = TokenAuthContext.#behind(context);
    if (!auth.#sealed) {
      sealed(auth.#claims);
      auth.#sealed = true;
    }
    return auth.#claims as unknown as EntraClaims;
  }

  /** Returns the context itself for a context or an object that inherits from one. */
  static #behind(context: object): TokenAuthContext {
    for (let auth: object | null = context; auth !== null; auth = Object.getPrototypeOf(auth)) {
      if (#claims in auth) return auth;
    }
    throw new ConfigurationError(
      'The claims of a caller were read from a copy of its property descriptors.',
      'Copy the values: structuredClone(auth), or { ...auth }.',
    );
  }
}

// Libraries such as class-transformer make objects with the constructor of another. What they make is not a caller.
Object.defineProperty(TokenAuthContext.prototype, 'constructor', { value: AuthContext });
Object.freeze(TokenAuthContext.prototype);

/**
 * Returns the key for a user or app: `tid` and `oid`, as Entra recommends. Without `oid` (some B2C users) the subject
 * is `sub`. It is unique in the tenant, or in the policy if the issuer names one (B2C: the `tfp` form). Apps have keys
 * apart from users, because their `sub` may come from another policy. Each part is percent-encoded, so that no two
 * users share a key.
 */
function subjectKey(
  claims: EntraClaims,
  kind: TokenKind['kind'],
  tenantId: string,
  objectId: string | undefined,
): string {
  if (objectId) return `${tenantId}/${encodedPart(objectId)}`;
  const policy = POLICY_IN_ISSUER.exec(claims.iss)?.[1];
  const issuedBy =
    policy === undefined ? tenantId : `${tenantId}/${encodeURIComponent(policy.toLowerCase())}`;
  // The check `kind` refused a token that has neither `oid` nor `sub`.
  const sub = claims.sub as string;
  const subject = isGuid(sub) ? (sub as string).toLowerCase() : encodeURIComponent(sub);
  return `${issuedBy}/${kind === 'app' ? 'app-sub' : 'sub'}/${subject}`;
}

/** B2C: `https://{host}/tfp/{tenant}/{policy}/v2.0/`. */
const POLICY_IN_ISSUER = /^https?:\/\/[^/]+\/tfp\/[^/]+\/([^/]+)\//i;

/** Percent-encodes a part. Returns GUIDs, the usual case, without encoding them. */
function encodedPart(text: string): string {
  for (let at = 0; at < text.length; at++) if (!isPlain(text.charCodeAt(at))) return encodeURIComponent(text);
  return text;
}

/** Tells whether a character is a lower-case letter, a digit or a hyphen. */
function isPlain(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
}

/**
 * Reads the groups. If there are too many, the token holds a link in `_claim_names`, which is never followed, or the
 * flag `hasgroups`.
 */
function groupsOf(claims: JsonObject): StringSet | 'overage' {
  const groups = claims.groups as readonly string[] | undefined;
  if (groups !== undefined) return FrozenStringSet.of(groups);
  const elsewhere = claims._claim_names;
  const pointed = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, 'groups');
  const flag = claims.hasgroups;
  return pointed || flag === true || flag === 'true' ? 'overage' : FrozenStringSet.of(NONE);
}

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

/** An own property, so that copies have it, too. */
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

/** An {@link AuthContext} made from the claims of a token whose signature held. Frozen, all the way down. */
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
   * @param claims types checked, fit to be sealed, and held by nobody else
   * @param authority what a challenge needs to know, where a validator made the context
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
    // What the constructor has made has the private member; no copy does, nothing that inherits from a context, no Proxy.
    recognizeContexts((value) => #claims in value);
    Object.defineProperty(TokenAuthContext.prototype, CALLER_BRAND, { value: true });
  }

  /** Not one of the members: a handler has no use for it. What inherits from a context, or copies it, has no authority. */
  get [AUTHORITY_FACTS](): AuthorityFacts | undefined {
    return #claims in this ? this.#authority : undefined;
  }

  /** Notes which token a context was made from. */
  static notePrint(auth: TokenAuthContext, print: TokenMatcher): void {
    auth.#print = print;
  }

  /** By which token a context can be told from others; `undefined` where it was made without one, or by another copy. */
  static printOf(auth: object): TokenMatcher | undefined {
    return #claims in auth ? auth.#print : undefined;
  }

  /** Frozen when somebody looks at them: few handlers do, and it takes long beside the rest. */
  static claimsOf(context: object): EntraClaims {
    const auth = TokenAuthContext.#behind(context);
    if (!auth.#sealed) {
      sealed(auth.#claims);
      auth.#sealed = true;
    }
    return auth.#claims as unknown as EntraClaims;
  }

  /** The context itself, also where an object inherits from it. */
  static #behind(context: object): TokenAuthContext {
    for (let auth: object | null = context; auth !== null; auth = Object.getPrototypeOf(auth)) {
      if (#claims in auth) return auth;
    }
    throw new ConfigurationError(
      'The claims of a caller were read from a copy that was made of its property descriptors.',
      'Copy the values: structuredClone(auth), or { ...auth }.',
    );
  }
}

// What makes another object by the constructor of this one, as class-transformer does, gets one that is not a caller.
Object.defineProperty(TokenAuthContext.prototype, 'constructor', { value: AuthContext });
Object.freeze(TokenAuthContext.prototype);

/**
 * Entra: index on `tid` and `oid`. Without `oid` (some B2C users) the subject is `sub`, which is unique within what issued it:
 * the tenant, whatever host it is reached by, or the policy where the issuer names one (B2C: the `tfp` form). Apps are
 * kept apart from users, since their subjects may come from another policy. Each part is percent-encoded, so that no two
 * people share a key.
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
  // A token with neither was refused when it was classified.
  const sub = claims.sub as string;
  const subject = isGuid(sub) ? (sub as string).toLowerCase() : encodeURIComponent(sub);
  return `${issuedBy}/${kind === 'app' ? 'app-sub' : 'sub'}/${subject}`;
}

/** B2C: `https://{host}/tfp/{tenant}/{policy}/v2.0/`. */
const POLICY_IN_ISSUER = /^https?:\/\/[^/]+\/tfp\/[^/]+\/([^/]+)\//i;

/** Object IDs are GUIDs, in which there is nothing to encode. */
function encodedPart(text: string): string {
  for (let at = 0; at < text.length; at++) if (!isPlain(text.charCodeAt(at))) return encodeURIComponent(text);
  return text;
}

/** A small letter, a digit or a hyphen. */
function isPlain(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
}

/** Too many groups for the token show as a pointer to another place, which is never followed, or as a mere flag. */
function groupsOf(claims: JsonObject): StringSet | 'overage' {
  const groups = claims.groups as readonly string[] | undefined;
  if (groups !== undefined) return FrozenStringSet.of(groups);
  const elsewhere = claims._claim_names;
  const pointed = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, 'groups');
  const flag = claims.hasgroups;
  return pointed || flag === true || flag === 'true' ? 'overage' : FrozenStringSet.of(NONE);
}

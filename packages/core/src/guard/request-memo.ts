import { CredentialError } from '../base/errors.js';
import { AuthContext } from '../caller/auth-context.js';
import { TokenAuthContext, type TokenMatcher } from '../caller/token-auth-context.js';
import { type ReadCredential, readBearerCredential } from '../credential/bearer.js';
import type { RequestLike } from '../credential/headers.js';
import { TokenPrint } from '../token/token-print.js';

/** By what a caller was authenticated: one token, or nothing that was on the request. */
export type Credential = TokenMatcher | 'nothing';

/** A caller, and the access token by which it was authenticated for this request. */
export interface CallerToken {
  readonly auth: AuthContext;
  /** The raw token. Never keep, log or throw it. */
  readonly token: string;
}

/** A caller whose context does not tell of which token it was made. */
interface Noted {
  readonly auth: AuthContext;
  readonly credential: Credential;
}

/**
 * Whom a guard has authenticated for which request. What it remembers belongs to the credential that was read, and not to
 * the object alone: hosts may use one object for one request after another, and headers may be changed on the way.
 */
export class RequestMemo {
  readonly #callers = new WeakMap<object, AuthContext | Noted>();
  readonly #readCredential: ReadCredential;

  constructor(readCredential: ReadCredential) {
    this.#readCredential = readCredential;
  }

  /** Who was authenticated by the credential that the request has now. Forgets who was by another one. */
  get(request: RequestLike): AuthContext | undefined {
    const known = this.#callers.get(request);
    if (known === undefined) return undefined;
    const auth = AuthContext.is(known) ? known : known.auth;
    const credential = AuthContext.is(known) ? TokenAuthContext.printOf(known) : known.credential;
    if (credential !== undefined && this.#stillHas(request, credential)) return auth;
    this.#callers.delete(request);
    return undefined;
  }

  /**
   * The caller with the token that it was authenticated by, if the request still has that token.
   *
   * @returns `'changed'` if the request has another token now, or none; `undefined` if no caller was authenticated, or not by a token
   */
  tokenOf(request: RequestLike): CallerToken | 'changed' | undefined {
    const known = this.#callers.get(request);
    if (known === undefined) return undefined;
    const auth = AuthContext.is(known) ? known : known.auth;
    const print = AuthContext.is(known) ? TokenAuthContext.printOf(known) : known.credential;
    if (print === undefined || print === 'nothing') return undefined;
    try {
      // Read once: what is compared is what is given.
      const token = this.#readCredential(request);
      return print.isOf(token) ? { auth, token } : 'changed';
    } catch {
      return 'changed';
    }
  }

  /**
   * @param auth made from the token that the request has
   * @param credential what {@link credentialOf} gave when `auth` was asked for, where `auth` does not tell of its token
   */
  set(request: RequestLike, auth: AuthContext, credential: Credential | undefined): void {
    this.#callers.set(request, credential === undefined ? auth : { auth, credential });
  }

  /** What the request has now. */
  credentialOf(request: RequestLike): Credential {
    try {
      return new TokenPrint(this.#readCredential(request));
    } catch {
      return 'nothing';
    }
  }

  /** Whether two contexts were made from the one token that the request has now, as for two decisions at once. */
  areOfOneToken(request: RequestLike, ...contexts: readonly [AuthContext, AuthContext]): boolean {
    return contexts.every((auth) => {
      const print = TokenAuthContext.printOf(auth);
      return print !== undefined && has(request, print, this.#readCredential);
    });
  }

  #stillHas(request: RequestLike, credential: Credential): boolean {
    return credential === 'nothing'
      ? hasNothing(request, this.#readCredential)
      : has(request, credential, this.#readCredential);
  }
}

/**
 * Whether the `Authorization` header still has the token that a context was made from; for adapters that remember a caller by
 * the request. `true` for a context that says nothing of a token, such as one for tests.
 */
export function bringsTokenOf(request: RequestLike, auth: AuthContext): boolean {
  const print = TokenAuthContext.printOf(auth);
  return print === undefined || has(request, print, readBearerCredential);
}

function has(request: RequestLike, print: TokenMatcher, readCredential: ReadCredential): boolean {
  try {
    return print.isOf(readCredential(request));
  } catch {
    return false;
  }
}

function hasNothing(request: RequestLike, readCredential: ReadCredential): boolean {
  try {
    readCredential(request);
    return false;
  } catch (error) {
    return CredentialError.is(error) && error.code === 'credentials_missing';
  }
}

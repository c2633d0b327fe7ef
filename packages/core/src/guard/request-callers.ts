import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import type { Identification } from './identification.js';
import { type Credential, RequestMemo } from './request-memo.js';

/** Finds out whose requests these are: once for each request and the credential that it has. */
export class RequestCallers {
  readonly memo: RequestMemo;
  readonly #identification: Identification;

  constructor(identification: Identification) {
    this.#identification = identification;
    this.memo = new RequestMemo(identification.readCredential);
  }

  /**
   * Returns the caller, where the request's token was accepted before; else the token, to be validated.
   *
   * @throws CredentialError; UnavailableError for a broken clock
   */
  find(request: RequestLike): AuthContext | string {
    const known = this.memo.get(request);
    if (known !== undefined) return known;
    const caller = this.#identification.read(request);
    if (typeof caller === 'string') return caller;
    this.memo.set(request, caller, this.#credentialToNote(request));
    return caller;
  }

  /** @throws CredentialError, TokenError, UnavailableError (as rejections) */
  async validate(credential: string, request: RequestLike): Promise<AuthContext> {
    // Noted before the wait: the header may change meanwhile.
    const noted = this.#credentialToNote(request);
    const auth = await this.#identification.validate(credential);
    this.memo.set(request, auth, noted);
    return auth;
  }

  /**
   * Looks at a request where no caller is needed; `undefined` where such a request needs nothing.
   *
   * @throws CredentialError, TokenError, UnavailableError (as rejections)
   */
  admit(request: RequestLike): Promise<void> | undefined {
    return this.#identification.admit?.(request);
  }

  /** A validator of another maker may give a context that says nothing of the token. */
  #credentialToNote(request: RequestLike): Credential | undefined {
    return this.#identification.notesTokens ? undefined : this.memo.credentialOf(request);
  }
}

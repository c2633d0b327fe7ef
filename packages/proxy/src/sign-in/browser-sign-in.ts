import type { PolicyApp } from '../policy/policy.js';

/** A request of a browser, as the sign-in reads it. */
export interface BrowserRequest {
  /** The application that the request's host belongs to. It has `signIn`. */
  readonly app: PolicyApp;
  readonly method: string;
  /** The request target in origin form, as it was sent. Its path is canonical. */
  readonly target: string;
  /** As Node gives them: names and values in turns. */
  readonly rawHeaders: readonly string[];
  /** The origin that the browser sees: `https://orders.contoso.example`. */
  readonly origin: string;
  /** Whether it asks for an upgrade of the connection. */
  readonly upgrade: boolean;
}

/** What a browser is answered in place of the application. */
export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** A session that lives. */
export interface BrowserSession {
  /** The `Authorization` header that the request is judged by: `Bearer <access token of this API>`. */
  readonly authorization: string;
  /** When the session ends at the latest, in milliseconds since the epoch. */
  readonly endsAt: number;
  /**
   * Tells when the session ends early: signed out, or found gone or replaced in the store.
   *
   * @returns ends the telling
   */
  onEnd(listener: () => void): () => void;
}

/** `none`: the request has no cookie of a session. `ended`: it has one, of no session that lives. */
export type NoSession = 'none' | 'ended';

/** What the embedded proxy asks of the sign-in of browsers. */
export interface BrowserSignIn {
  /** Answers a request below `/.entra/`, 404 where there is no such end point. @throws UnavailableError part `sessions` or `keys` */
  answer(request: BrowserRequest): Promise<BrowserAnswer>;
  /**
   * Finds the session that the request's cookie names, and refreshes its access token where that is due. Called only for requests
   * without an `Authorization` header.
   *
   * @throws RequestError `cross_site_request` for an unsafe method or an upgrade that another site asked for
   * @throws UnavailableError part `sessions`, where the store does not answer
   */
  sessionOf(request: BrowserRequest): Promise<BrowserSession | NoSession>;
  /**
   * What a refused request gets in place of the guard's answer: for navigations, the way to sign in or to step up.
   *
   * @param error what the guard threw
   * @returns `undefined` for the guard's own answer
   */
  insteadOf(
    error: unknown,
    request: BrowserRequest,
    session: BrowserSession | NoSession,
  ): Promise<BrowserAnswer | undefined>;
  /** The `Set-Cookie` header that removes the cookie: for refusals of a request whose session has ended. */
  readonly removedCookie: string;
}

import {
  type AuthContext,
  ConfigurationError,
  CredentialError,
  consoleLog,
  EntraGuardError,
  type Guard,
  type KeyRing,
  keyRing,
  type LogSink,
  PermissionError,
  StepUpError,
  secondsOf,
  TokenError,
} from '@entra-guard/core';
import type { Policy, PolicyApp, PolicySessions, PolicySignIn } from '../policy/policy.js';
import { appCredential } from './app-credential.js';
import { Attempts } from './attempts.js';
import type {
  BrowserAnswer,
  BrowserRequest,
  BrowserSession,
  BrowserSignIn,
  NoSession,
} from './browser-sign-in.js';
import { assertOwnSite, hasCredentials, isNavigation } from './browser-signals.js';
import { hasCookie, idIn, removeCookie, SESSION_COOKIE, setCookie } from './cookies.js';
import { EntraClient, SignInRefused } from './entra-client.js';
import { leadTo, type Page, PRIVATE, pageAnswer } from './pages.js';
import type { Asked, AttemptRecord } from './records.js';
import { SealedRecords } from './sealed-records.js';
import type { SessionStore } from './session-store.js';
import { type SessionLimits, Sessions } from './sessions.js';
import { assertRemembered, signInCutoff } from './sign-in-cutoff.js';

/** What signs browsers in is made from. */
export interface SignInFacts {
  readonly policy: Policy;
  readonly guard: Guard;
  readonly store: SessionStore;
  /** Seals sessions where the policy names no keys, and the store is this process's. */
  readonly processKeys: KeyRing;
  readonly log?: LogSink | false | undefined;
}

/** Where people sign in: below this path of each application. */
const PATHS = {
  signIn: '/.entra/sign-in',
  callback: '/.entra/callback',
  signOut: '/.entra/sign-out',
  frontChannel: '/.entra/front-channel-logout',
} as const;

/**
 * Makes what signs browsers in with Entra, for the applications of a policy that have `signIn`.
 *
 * @throws ConfigurationError for a policy, or a guard, that no sign-in works with
 */
export function entraBrowserSignIn(facts: SignInFacts): BrowserSignIn {
  const { policy, guard, store, processKeys, log = consoleLog } = facts;
  const apps = policy.apps.filter(({ signIn }) => signIn !== false);
  const clients = new Map(
    apps.map((app) => {
      const { scopes } = app.signIn as PolicySignIn;
      return [app.name, new EntraClient(guard, appCredential(policy, app), scopes, log)] as const;
    }),
  );
  const records = new SealedRecords(store, ringOf(policy.sessions, store) ?? processKeys, log);
  const limits = limitsOf(policy.sessions);
  assertRemembered(guard, limits.idleMs);
  return new EntraBrowserSignIn(guard, clients, records, limits);
}

function ringOf(sessions: PolicySessions | undefined, { shared }: SessionStore): KeyRing | undefined {
  if (sessions?.keys !== undefined) return keyRing(sessions.keys);
  if (shared) {
    throw new ConfigurationError(
      'sessions has no keys, and its store is shared.',
      `Name the keys that sessions are sealed with: sessions: { keys: [{ id: 2026-11, secret: "\${SESSION_KEY}" }] }. Make one: openssl rand -base64 32.`,
    );
  }
  return undefined;
}

function limitsOf(sessions: PolicySessions | undefined): SessionLimits {
  const inMs = (name: 'idle' | 'absolute', standard: '1h' | '12h') =>
    secondsOf(`sessions.${name}`, sessions?.[name] as never, { standard, least: 60, most: '30d' }) * 1_000;
  return { idleMs: inMs('idle', '1h'), absoluteMs: inMs('absolute', '12h') };
}

class EntraBrowserSignIn implements BrowserSignIn {
  readonly removedCookie = removeCookie(SESSION_COOKIE);
  readonly #guard: Guard;
  readonly #clients: ReadonlyMap<string, EntraClient>;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;

  constructor(
    guard: Guard,
    clients: ReadonlyMap<string, EntraClient>,
    records: SealedRecords,
    limits: SessionLimits,
  ) {
    const [client] = clients.values();
    const now = (client as EntraClient).now;
    this.#guard = guard;
    this.#clients = clients;
    this.#sessions = new Sessions(records, limits, signInCutoff(guard), now);
    this.#attempts = new Attempts(records, now);
  }

  async sessionOf(request: BrowserRequest): Promise<BrowserSession | NoSession> {
    const { rawHeaders, app } = request;
    if (!hasCookie(rawHeaders, SESSION_COOKIE)) return 'none';
    assertOwnSite(request);
    const id = idIn(rawHeaders, SESSION_COOKIE);
    return (id && (await this.#sessions.find(id, app.name, this.#clientOf(app)))) || 'ended';
  }

  async answer(request: BrowserRequest): Promise<BrowserAnswer> {
    const { method, target, origin } = request;
    const url = new URL(target, origin);
    const isGet = method === 'GET' || method === 'HEAD';
    switch (url.pathname) {
      case PATHS.signIn:
        return isGet ? this.#begin(request, url.searchParams.get('return')) : notAllowed('GET, HEAD');
      case PATHS.callback:
        return method === 'GET' ? this.#finish(request, url) : notAllowed('GET');
      case PATHS.signOut:
        if (method === 'POST') return this.#signOut(request);
        return isGet ? this.#signOutPage(request) : notAllowed('GET, HEAD, POST');
      case PATHS.frontChannel:
        return isGet ? this.#frontChannel(url) : notAllowed('GET, HEAD');
      default:
        return { status: 404, headers: { ...PRIVATE }, body: '' };
    }
  }

  async insteadOf(
    error: unknown,
    request: BrowserRequest,
    session: BrowserSession | NoSession,
  ): Promise<BrowserAnswer | undefined> {
    if (!isNavigation(request)) return undefined;
    const { target, rawHeaders } = request;
    if (hasCredentials(rawHeaders)) return undefined;
    if (CredentialError.is(error) && error.code === 'credentials_missing') {
      return this.#begin(request, target, undefined, session === 'ended' ? [this.removedCookie] : []);
    }
    if (typeof session !== 'object') return this.#refusedPage(error, request);
    if (StepUpError.is(error)) return this.#begin(request, target, askedFor(error));
    if (TokenError.is(error)) {
      // Revoked, or not accepted for another reason: what is kept is of no use.
      await this.#endSession(request);
      return this.#begin(request, target, undefined, [this.removedCookie]);
    }
    return this.#refusedPage(error, request);
  }

  #clientOf({ name }: PolicyApp): EntraClient {
    return this.#clients.get(name) as EntraClient;
  }

  /** Sends the browser to Entra. */
  async #begin(
    request: BrowserRequest,
    returnTo: string | null,
    asked?: Asked,
    cookies: readonly string[] = [],
  ): Promise<BrowserAnswer> {
    const { origin, app } = request;
    if (!keepsCookies(origin)) return pageAnswer(needsHttps());
    const { attempt, state, cookie } = await this.#attempts.begin(request, returnTo, asked);
    const location = await this.#clientOf(app).authorizationUrl({
      ...attempt,
      state,
      asked,
      redirectUri: `${origin}${PATHS.callback}`,
      loginHint: undefined,
    });
    return leadTo(location, [cookie, ...cookies]);
  }

  /** Takes what Entra has sent the browser back with, and begins a session. */
  async #finish(request: BrowserRequest, url: URL): Promise<BrowserAnswer> {
    const state = url.searchParams.get('state');
    const attempt = state === null ? undefined : await this.#attempts.take(request, state);
    if (attempt === undefined || state === null) return pageAnswer(unknownAttempt());
    const client = this.#clientOf(request.app);
    try {
      const signedIn = await client.signedIn(url, state, attempt);
      const auth = await this.#guard.authenticate(
        { headers: { authorization: `Bearer ${signedIn.accessToken}` } },
        { handler: PATHS.callback },
      );
      if (attempt.asked !== undefined && !isFulfilled(attempt.asked, attempt, auth)) {
        return pageAnswer(notStronger(attempt));
      }
      const before = idIn(request.rawHeaders, SESSION_COOKIE);
      if (before !== undefined) await this.#sessions.replace(before);
      const { iat, nbf } = auth.claims;
      const id = await this.#sessions.begin(request.app.name, { ...sidOf(auth), ...signedIn }, iat ?? nbf);
      return leadTo(attempt.returnPath, [setCookie(SESSION_COOKIE, id)]);
    } catch (error) {
      if (error instanceof SignInRefused) return pageAnswer(refusedByEntra(error, attempt));
      if (TokenError.is(error)) return pageAnswer(tokenNotAccepted(error));
      throw error;
    }
  }

  async #signOutPage(request: BrowserRequest): Promise<BrowserAnswer> {
    const id = idIn(request.rawHeaders, SESSION_COOKIE);
    const facts = id === undefined ? undefined : await this.#sessions.factsOf(id);
    if (facts === undefined) {
      return pageAnswer({
        status: 200,
        title: 'You are signed out',
        paragraphs: ['This application has no session of yours.'],
        actions: [{ label: 'Sign in', href: PATHS.signIn }],
      });
    }
    return pageAnswer({
      status: 200,
      title: 'Sign out?',
      paragraphs: [
        'You are signed in. Signing out ends the session of this application, and leads to the sign-out of Microsoft Entra.',
      ],
      actions: [
        { label: 'Sign out', href: PATHS.signOut, post: true },
        { label: 'Go back', href: '/' },
      ],
      formLeadsTo: this.#clientOf(request.app).signOutOrigin,
    });
  }

  async #signOut(request: BrowserRequest): Promise<BrowserAnswer> {
    try {
      assertOwnSite(request);
    } catch (error) {
      return pageAnswer({
        status: 403,
        title: 'This did not come from this application',
        paragraphs: ['Another site has asked to sign you out. Nothing was changed.'],
        actions: [{ label: 'Sign out here', href: PATHS.signOut }],
        code: (error as EntraGuardError).code,
      });
    }
    const id = idIn(request.rawHeaders, SESSION_COOKIE);
    const facts = id === undefined ? undefined : await this.#sessions.factsOf(id);
    await this.#endSession(request);
    const done = `${request.origin}${PATHS.signOut}`;
    const cookies = [this.removedCookie];
    if (facts === undefined) return leadTo(PATHS.signOut, cookies);
    // The session is gone, also while Entra does not answer.
    const url = await this.#clientOf(request.app)
      .signOutUrl(done, facts.loginHint)
      .catch(() => undefined);
    return leadTo(url ?? PATHS.signOut, cookies);
  }

  /** Entra tells by a page in a frame, so the cookie does not come along (OpenID Connect Front-Channel Logout section 2). */
  async #frontChannel(url: URL): Promise<BrowserAnswer> {
    const sid = url.searchParams.get('sid');
    if (sid !== null && sid !== '' && sid.length <= 1_000) await this.#sessions.endOf(sid);
    return { status: 200, headers: { ...PRIVATE, 'Content-Type': 'text/plain' }, body: 'Signed out.\n' };
  }

  async #endSession({ rawHeaders }: BrowserRequest): Promise<void> {
    const id = idIn(rawHeaders, SESSION_COOKIE);
    if (id !== undefined) await this.#sessions.end(id);
  }

  /** @returns `undefined` where it is not about what the person may open */
  #refusedPage(error: unknown, { app }: BrowserRequest): BrowserAnswer | undefined {
    if (!EntraGuardError.is(error) || ![403, 404, 405].includes(error.status)) return undefined;
    const { status, headers, body } = this.#guard.toHttp(error);
    const contact = app.owner?.contact ?? app.owner?.onCall;
    const page = pageAnswer({
      status,
      title: status === 404 ? 'There is nothing here' : 'You may not open this page',
      paragraphs: [
        body.detail ?? '',
        ...(PermissionError.is(error) && app.owner !== undefined
          ? [`Ask ${app.owner.team}${contact === undefined ? '' : ` (${contact})`} if you need it.`]
          : []),
      ],
      actions: [{ label: 'Sign out', href: PATHS.signOut }],
      code: body.code,
    });
    const challenge = headers['WWW-Authenticate'];
    return challenge === undefined
      ? page
      : { ...page, headers: { ...page.headers, 'WWW-Authenticate': challenge } };
  }
}

/** Where the registration asks for the claim in access tokens, and not in ID tokens (Entra: optional claims). */
function sidOf({ claims: { sid } }: AuthContext): { readonly sid?: string } {
  return typeof sid === 'string' && sid.length <= 1_000 ? { sid } : {};
}

function askedFor({ stepUp }: StepUpError): Asked {
  return stepUp.kind === 'sign-in' ? { kind: 'fresh' } : { kind: 'claims', claims: stepUp.claims };
}

/** Whether a sign-in has brought what it was asked for: else the same refusal would ask again, and again. */
function isFulfilled(asked: Asked, { startedAt }: AttemptRecord, auth: AuthContext): boolean {
  if (asked.kind === 'fresh') {
    const { auth_time: signedInAt } = auth.claims;
    return typeof signedInAt !== 'number' || signedInAt * 1_000 >= startedAt - 60_000;
  }
  const wanted = /"acrs":\{[^}]*"values?":(?:"([^"]+)"|\[([^\]]+)\])/.exec(asked.claims);
  const values = (wanted?.[1] ?? wanted?.[2] ?? '').replaceAll('"', '').split(',');
  return values.some((value) => value === '' || auth.authenticationContexts.has(value));
}

/** Browsers keep cookies with `Secure` over https, and on this machine. */
function keepsCookies(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return (
    protocol === 'https:' ||
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '127.0.0.1'
  );
}

function notAllowed(allow: string): BrowserAnswer {
  return { status: 405, headers: { ...PRIVATE, Allow: allow }, body: '' };
}

const again = [{ label: 'Sign in', href: PATHS.signIn }];

function needsHttps(): Page {
  return {
    status: 400,
    title: 'Open this page over https',
    paragraphs: [
      'Browsers keep a sign-in only over https. If you run this proxy: set publicOrigin in the policy to the https address that people open, or use localhost.',
    ],
    actions: [],
  };
}

function unknownAttempt(): Page {
  return {
    status: 400,
    title: 'This sign-in is not known here',
    paragraphs: [
      'It took longer than ten minutes, it was finished before, or it was begun in another browser. Cookies have to be allowed.',
    ],
    actions: again,
  };
}

function notStronger({ asked }: AttemptRecord): Page {
  return {
    status: 403,
    title: 'A stronger sign-in is needed',
    paragraphs: [
      asked?.kind === 'fresh'
        ? 'This page needs a sign-in from a moment ago, and Entra has answered with an earlier one.'
        : 'This page needs a stronger sign-in, and Entra has answered without one. An administrator has to set up the authentication context in Conditional Access.',
    ],
    actions: [{ label: 'Go to the start', href: '/' }],
    code: 'step_up_required',
  };
}

function refusedByEntra({ error, aadsts }: SignInRefused, { returnPath }: AttemptRecord): Page {
  const retry = [{ label: 'Try again', href: `${PATHS.signIn}?return=${encodeURIComponent(returnPath)}` }];
  const known: Readonly<Record<string, string>> = {
    access_denied: 'The sign-in was cancelled, or access to the application was not granted.',
    interaction_required: 'Microsoft Entra needs something more from you.',
    consent_required: 'The application needs a consent that you, or an administrator, have not given.',
    invalid_client:
      'The application could not prove itself to Microsoft Entra. Its operator has to look at its credential.',
    unauthorized_client: 'The registration of the application does not allow this sign-in.',
  };
  return {
    status: error === 'invalid_client' ? 500 : 403,
    // Where a stronger one was asked for, an earlier session goes on.
    title: 'The sign-in did not succeed',
    paragraphs: [known[error] ?? 'Microsoft Entra did not accept the sign-in.'],
    actions: retry,
    code: aadsts ?? (Object.hasOwn(known, error) ? error : undefined),
  };
}

function tokenNotAccepted({ code }: TokenError): Page {
  return {
    status: 403,
    title: 'You may not use this application',
    paragraphs:
      code === 'token_revoked'
        ? ['Your access was revoked.']
        : [
            'You have signed in, and this application does not accept the token that Microsoft Entra gave. Its operator finds the reason in the log.',
          ],
    actions: again,
    code,
  };
}

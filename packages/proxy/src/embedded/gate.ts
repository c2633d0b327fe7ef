import type { IncomingMessage } from 'node:http';
import { type AuthContext, EntraGuardError, type RequestLike } from '@entra-guard/core';
import { withoutOwnCookies } from '../headers/session-cookie.js';
import type { PolicyApp, PolicyRule } from '../policy/policy.js';
import { readableTo } from '../service/answers.js';
import type { Found, Judge, Refused } from '../service/judge.js';
import type { Verdict } from '../service/verdict.js';
import type {
  BrowserAnswer,
  BrowserRequest,
  BrowserSession,
  BrowserSignIn,
  NoSession,
} from '../sign-in/browser-sign-in.js';
import { hasCredentials } from '../sign-in/browser-signals.js';
import { preflightAnswer } from './preflight.js';
import { type SeenOrigin, seenOriginOf } from './seen-origin.js';

/** A browser that may sign in, and what it asks for. */
interface Browser {
  readonly signIn: BrowserSignIn;
  readonly request: BrowserRequest;
}

/** A request that may pass. */
export interface Passing {
  readonly app: PolicyApp;
  readonly rule: PolicyRule;
  /** `undefined` where the rule is open to every caller. */
  readonly auth: AuthContext | undefined;
  /** What the caller was known by. */
  readonly credentials: RequestLike;
  readonly seen: SeenOrigin;
  /** Of a browser that is signed in. */
  readonly browser: (Browser & { readonly session: BrowserSession }) | undefined;
}

/** What becomes of a request. */
export type Admission =
  | { readonly passing: Passing; readonly answer?: undefined; readonly verdict: Verdict }
  /** `verdict` is absent where nothing was decided: preflights, and the sign-in's own pages. */
  | { readonly passing?: undefined; readonly answer: BrowserAnswer; readonly verdict?: Verdict };

/** Where the pages of the sign-in are. */
const OWN_PATH = '/.entra/';

/** Decides about requests of clients, and of browsers that are signed in. What is not clearly allowed is answered here. */
export class Gate {
  readonly judge: Judge;
  readonly #signIn: BrowserSignIn | undefined;
  readonly #publicOrigin: URL | undefined;

  /** @param signIn `undefined` where no application signs browsers in */
  constructor(judge: Judge, signIn: BrowserSignIn | undefined) {
    this.judge = judge;
    this.#signIn = signIn;
    const { publicOrigin } = judge.policy;
    this.#publicOrigin = publicOrigin === undefined ? undefined : new URL(publicOrigin);
  }

  /** Never rejects. */
  async admit(request: IncomingMessage, upgrade: boolean): Promise<Admission> {
    const found = this.judge.find(request);
    const seen = seenOriginOf(request, this.#publicOrigin);
    const browser = found.app && this.#browserOf(request, found.app, seen, upgrade);
    let session: BrowserSession | NoSession = 'none';
    try {
      if (browser !== undefined && isOwn(request) && !isUnclear(found)) {
        return { answer: await this.judge.inTime(browser.signIn.answer(browser.request)) };
      }
      const preflight = found.app && !isUnclear(found) && preflightAnswer(request, found.app);
      if (preflight) return { answer: preflight };
      if ('error' in found) return this.#refusal(request, this.judge.refuse(request, found), browser);
      if (
        browser !== undefined &&
        found.rule.requirement.role !== 'anonymous' &&
        !hasCredentials(request.rawHeaders)
      ) {
        session = await this.judge.inTime(browser.signIn.sessionOf(browser.request));
      }
    } catch (error) {
      return this.#refusal(request, this.judge.refuse(request, refusedFor(found, error)));
    }
    const signedIn = typeof session === 'object' ? session : undefined;
    const credentials = signedIn === undefined ? request : requestOf(request, signedIn);
    const verdict = await this.judge.decideBy(found, credentials);
    if (!verdict.allowed) return this.#refusal(request, verdict, browser, session);
    const { app, rule, auth } = verdict;
    const ofBrowser = browser && signedIn && { ...browser, session: signedIn };
    return { verdict, passing: { app, rule, auth, credentials, seen, browser: ofBrowser } };
  }

  #browserOf(
    request: IncomingMessage,
    app: PolicyApp,
    { origin }: SeenOrigin,
    upgrade: boolean,
  ): Browser | undefined {
    if (app.signIn === false || this.#signIn === undefined) return undefined;
    const { method = '', url = '', rawHeaders } = request;
    return { signIn: this.#signIn, request: { app, method, target: url, rawHeaders, origin, upgrade } };
  }

  async #refusal(
    request: IncomingMessage,
    verdict: Refused,
    browser?: Browser,
    session: BrowserSession | NoSession = 'none',
  ): Promise<Admission> {
    const instead = browser && (await this.#instead(verdict.error, browser, session));
    const { status, headers, body } = this.judge.guard.toHttp(verdict.error);
    const given = instead ?? {
      status,
      headers: { ...headers, ...readableTo(request.headers.origin, verdict.app) },
      body: JSON.stringify(body),
    };
    const cookies = given.headers['Set-Cookie'];
    if (session !== 'ended' || browser === undefined || cookies !== undefined)
      return { verdict, answer: given };
    const answer = { ...given, headers: { ...given.headers, 'Set-Cookie': browser.signIn.removedCookie } };
    return { verdict, answer };
  }

  /** Where the sign-in fails, the client gets the refusal as it is. */
  async #instead(
    error: unknown,
    { signIn, request }: Browser,
    session: BrowserSession | NoSession,
  ): Promise<BrowserAnswer | undefined> {
    try {
      return await this.judge.inTime(signIn.insteadOf(error, request, session));
    } catch {
      return undefined;
    }
  }
}

const isOwn = ({ url = '' }: IncomingMessage): boolean => url.startsWith(OWN_PATH);

/** Whether it is not clear what is asked for, or by whom. */
function isUnclear(found: Found | Refused): boolean {
  return 'error' in found && (!EntraGuardError.is(found.error) || found.error.status === 400);
}

function refusedFor(
  { app, rule }: { readonly app: PolicyApp | undefined; readonly rule: PolicyRule | undefined },
  error: unknown,
): Refused {
  return { allowed: false, app, rule, error };
}

/** The request with the session's access token in place of its cookie. */
function requestOf({ method, headers }: IncomingMessage, { authorization }: BrowserSession): RequestLike {
  const { cookie, ...others } = headers;
  const kept = cookie === undefined ? undefined : withoutOwnCookies(cookie);
  const own = kept === undefined ? { authorization } : { cookie: kept, authorization };
  return { method, headers: { ...others, ...own } };
}

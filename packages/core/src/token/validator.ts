import type { Health } from '../base/health.js';
import { isRefusal, tokenError } from '../base/refusal.js';
import { withStore } from '../base/store-health.js';
import type { AuthContext } from '../caller/auth-context.js';
import { rememberCaller } from '../caller/refused-caller.js';
import { allSettled } from '../keys/all-settled.js';
import type { AuthorizationServer } from '../keys/authorization-server.js';
import type { ValidatorState } from '../keys/documents/validator-state.js';
import { healthOf } from '../keys/health.js';
import { estimatedBytes } from '../options/cache-limits.js';
import type { SharedSettings } from '../options/guard-settings.js';
import { type KeySnapshot, savedDocument } from '../options/key-snapshot.js';
import type { Settings } from '../options/settings.js';
import type { RevocationJudge } from '../revocation/judge.js';
import { asksApplication, isOneTenant, judgeFor, refusalByApplication } from './admission.js';
import {
  type Candidate,
  candidateOf,
  forget,
  type Proof,
  type RememberedToken,
  remembered,
} from './candidate.js';
import { timesOf } from './checks/times.js';
import { soundTime } from './clock.js';
import { closed } from './closed.js';
import { takeApart } from './compact-jws.js';
import { type CheckedToken, type Route, Routing } from './routing.js';
import { signedBy } from './signature/signatures.js';
import { invalidSignature } from './signature-refusals.js';
import { SETTINGS, type Validator, type ValidatorSettings } from './validator-contract.js';
import { callerOf, provenBefore } from './verified-token.js';

/** Builds a validator from resolved settings, one per authority. */
export function validatorFor(settings: readonly Settings[], shared: SharedSettings = {}): Validator {
  return new AuthorityValidator(settings, shared);
}

type Accepted = Pick<RememberedToken, 'auth' | 'proof' | 'version'>;

class AuthorityValidator implements Validator {
  readonly #candidates: readonly Candidate[];
  /** Those whose application is not asked about each use of a token. */
  readonly #silent: readonly Candidate[];
  readonly #routing: Routing;
  readonly #primary: Settings;
  readonly #shared: SharedSettings;
  readonly #judge: RevocationJudge | undefined;
  #closed = false;

  static is(validator: object): validator is AuthorityValidator {
    return #routing in validator;
  }

  constructor(settings: readonly Settings[], shared: SharedSettings) {
    this.#candidates = settings.map((one) => candidateOf(one));
    this.#silent = this.#candidates.filter((one) => !asksApplication(one));
    this.#routing = new Routing(this.#candidates);
    this.#primary = settings[0] as Settings;
    this.#shared = shared;
    this.#judge = judgeFor(shared.revocations, this.#primary);
  }

  /** Returns a new promise for each call, because code that waits for a promise may write to it, as async_hooks does. */
  async validate(accessToken: string): Promise<AuthContext> {
    if (this.#closed) throw closed();
    const known = remembered(accessToken, this.#candidates);
    if (known !== undefined) {
      const { auth, candidate } = known;
      if (this.#stands(known)) {
        known.version = asksApplication(candidate)
          ? await this.#admit(auth, candidate, accessToken, known.version)
          : this.#judge?.judge(auth, known.version);
        return auth;
      }
      forget(accessToken, candidate);
    }
    return await this.#verify(accessToken, known);
  }

  /**
   * Returns the caller of a cached token synchronously, if nothing has changed since. `undefined` for any other text,
   * and if the application's functions have to be called at each use of a token.
   */
  recall(text: string): AuthContext | undefined {
    if (this.#closed) return undefined;
    const known = remembered(text, this.#silent);
    if (known === undefined || !this.#stands(known)) return undefined;
    try {
      known.version = this.#judge?.judge(known.auth, known.version);
      return known.auth;
    } catch {
      return undefined; // `validate` tells why.
    }
  }

  /** Verifies a token that is not cached, or whose cache entry no longer holds. */
  async #verify(text: string, earlier: RememberedToken | undefined): Promise<AuthContext> {
    // The form, which does not depend on what is accepted here.
    const jws = takeApart(text, this.#routing.headerOf);
    if (isRefusal(jws)) throw tokenError(jws);
    // Header and claims: the table of checks, for each authority.
    const token = this.#routing.check(jws);
    // Issuer, metadata, keys.
    const route = this.#routing.known(token) ?? (await this.#routing.find(token));
    const proof =
      provenBefore(earlier, route) ?? this.#proofBy(await signedBy(jws, route.trusted.serving), token, route);
    if (route.known !== route.trusted) route.trusted.trust.prove();
    // The signature is verified: only now can the claims be trusted.
    const auth = callerOf(token, route);
    this.#judge?.assertLifetime(timesOf(token.jws.payload), auth);
    const version = asksApplication(route.candidate)
      ? await this.#admit(auth, route.candidate, text)
      : this.#judge?.judge(auth);
    this.#remember(token, route, { auth, proof, version }, earlier !== undefined);
    return auth;
  }

  /** @throws TokenError if none of the keys made the signature */
  #proofBy(thumbprint: string | undefined, { jws }: CheckedToken, { candidate, now }: Route): Proof {
    if (thumbprint === undefined) throw this.#routing.refuse(invalidSignature(jws.header));
    const { cache } = candidate.authority.settings;
    return { thumbprint, from: now, until: now + (cache === undefined ? 0 : cache.maxAgeSeconds) * 1000 };
  }

  /**
   * Calls the application's functions, at each use of a token, to ask whether they accept the caller.
   *
   * @param seen the version of the revocations by which the caller was judged before
   * @returns that by which it is judged now
   * @throws TokenError, UnavailableError (as rejections)
   */
  async #admit(
    auth: AuthContext,
    candidate: Candidate,
    text: string,
    seen?: number,
  ): Promise<number | undefined> {
    const version = this.#judge?.judge(auth, seen);
    const refusal = await refusalByApplication(candidate, auth);
    if (refusal !== undefined) {
      forget(text, candidate);
      throw rememberCaller(this.#routing.refuse(refusal, { verified: true }), auth);
    }
    // A record may have come meanwhile.
    return this.#judge?.judge(auth, version);
  }

  /** Caches a token that has passed everything, including the application's functions. */
  #remember(token: CheckedToken, route: Route, accepted: Accepted, again: boolean): void {
    this.#routing.keep(token, route);
    const { candidate, trusted, now } = route;
    const { memory, authority } = candidate;
    const { token: text, payload } = token.jws;
    if (memory === undefined || !token.settled || !memory.wants(text, again)) return;
    const expiry = (timesOf(payload).exp + authority.settings.clockTolerance) * 1000;
    const until = Math.min(expiry, accepted.proof.until);
    const bytes = estimatedBytes(text.length);
    memory.remember(text, { ...accepted, candidate, trusted, bytes, until }, now);
  }

  /** Tells whether a cache entry still holds. Checks everything that may have changed. */
  #stands({ candidate, proof, until, trusted }: RememberedToken): boolean {
    let now = Number.NaN;
    // All clocks have to be valid, also those of authorities that the token does not belong to.
    for (const one of this.#candidates) {
      const time = soundTime(one.authority.settings.now());
      if (one === candidate) now = time;
    }
    // The token was valid when its signature was verified, and `until` is no later than its expiry.
    return now >= proof.from && now < until && trusted.trust.grounds.hold(now);
  }

  get applicationIdUri(): string {
    return this.#primary.audiences.applicationIdUri;
  }

  get [SETTINGS](): ValidatorSettings {
    const { owner, now, log } = this.#primary;
    const [only, ...others] = this.#candidates;
    const realm = only && others.length === 0 ? only.authority.realm : '';
    const severalTenants = others.length > 0 || !isOneTenant(this.#primary);
    return { realm, owner, now, log, severalTenants, candidates: this.#candidates, shared: this.#shared };
  }

  async ready(): Promise<void> {
    await Promise.all([this.#loadKeys(), this.#shared.revocations?.ready()]);
  }

  async #loadKeys(): Promise<void> {
    if (this.#closed) throw closed();
    try {
      await allSettled(this.#candidates.map(({ authority }) => authority.load()));
    } finally {
      // A temporary failure does not hide a mistake in the configuration.
      this.#routing.assertNoOverlap();
    }
  }

  state(): ValidatorState {
    const documents = this.#candidates.map(({ authority }) => authority.documents);
    return {
      sources: documents.flatMap((one) => one.states().map(({ lastStatus, ...state }) => state)),
      keyIds: [...new Set(documents.flatMap((one) => one.keyIds()))],
      closed: this.#closed,
    };
  }

  async health(): Promise<Health> {
    const loaded = await this.#loadKeys().then(
      () => true,
      () => false,
    );
    const health = healthOf(this.state(), this.#primary.now(), loaded);
    return withStore(health, 'revocations', this.#shared.revocations);
  }

  async authorizationServer(): Promise<AuthorizationServer> {
    if (this.#closed) throw closed();
    return (this.#candidates[0] as Candidate).authority.authorizationServer();
  }

  snapshot(): KeySnapshot {
    const saved = this.#candidates.flatMap(({ authority }) => authority.documents.save());
    return {
      version: 1,
      documents: [...new Map(saved.map((document) => [document.url, savedDocument(document)])).values()],
    };
  }

  close(): void {
    this.#closed = true;
    this.#routing.close();
    this.#shared.revocations?.close().catch(() => {});
  }
}

/** The original method. If a spy or other code replaces it on the class, the replacement is called. */
const ownValidate = AuthorityValidator.prototype.validate;

/** Tells whether a validator's `validate` is the original, replaced neither on itself nor on its class. */
export function isUntouched(validator: Validator): validator is AuthorityValidator {
  return AuthorityValidator.is(validator) && validator.validate === ownValidate;
}

/** Returns a cached token's caller synchronously; `undefined` for any other text, and for another package's validator. */
export function recall(validator: Validator, text: string): AuthContext | undefined {
  return isUntouched(validator) ? validator.recall(text) : undefined;
}

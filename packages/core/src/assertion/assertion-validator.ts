import { createHash, verify } from 'node:crypto';
import { ConfigurationError, CredentialError } from '../base/errors.js';
import type { Health } from '../base/health.js';
import { consoleLog, limitedLog } from '../base/log.js';
import { isRefusal, type Refusal, shown, tokenError } from '../base/refusal.js';
import { withStore } from '../base/store-health.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { AuthorizationServer } from '../keys/authorization-server.js';
import type { ValidatorState } from '../keys/documents/validator-state.js';
import { healthOf } from '../keys/health.js';
import type { AssertionSettings } from '../options/assertion.js';
import type { SharedSettings } from '../options/guard-settings.js';
import type { KeySnapshot } from '../options/key-snapshot.js';
import { RevocationJudge } from '../revocation/judge.js';
import { warnOfUnshared } from '../revocation/unshared.js';
import { soundTime } from '../token/clock.js';
import { closed } from '../token/closed.js';
import { type CompactJws, takeApart } from '../token/compact-jws.js';
import { decodeBase64url } from '../token/signature/base64url.js';
import { SETTINGS, type Validator, type ValidatorSettings } from '../token/validator-contract.js';
import { callerIn } from './assertion-claims.js';
import { ASSERTION_TYPE, ASSERTION_VERSION, CLOCK_TOLERANCE, LONGEST_LIFE } from './form.js';
import { type KeySource, keySourceOf } from './key-source.js';
import type { VerifyingKey } from './verifying-keys.js';

/** Validates assertions instead of access tokens. */
export interface AssertionReader extends Validator {
  /**
   * Validates an assertion, also one that names no caller.
   *
   * @returns the caller; `undefined` for an assertion of kind `anonymous`
   * @throws TokenError, UnavailableError (as rejections)
   */
  open(assertion: string): Promise<AuthContext | undefined>;
  /** Returns the caller of an assertion that was accepted before; `undefined` for any other text. */
  recall(assertion: string): AuthContext | undefined;
}

/** A registered symbol, because a guard may use a validator from another copy of the package. */
const READER: unique symbol = Symbol.for('entra-guard/assertion-reader') as never;

/** Tells whether a validator validates assertions. */
export function readsAssertions(validator: Validator): validator is AssertionReader {
  return (validator as { readonly [READER]?: unknown })[READER] === true;
}

interface Remembered {
  readonly caller: AuthContext | undefined;
  readonly key: VerifyingKey;
  readonly from: number;
  /** In milliseconds since the epoch. */
  readonly until: number;
  version: number | undefined;
}

/** An assertion lives a minute, and is used again for 30 seconds. */
const MOST_REMEMBERED = 10_000;
/** Two numbers of 256 bits (RFC 7518 section 3.4). */
const SIGNATURE_BYTES = 64;

/**
 * Builds the validator.
 *
 * @param most how many assertions are kept at most
 * @throws ConfigurationError for keys that can't verify assertions
 */
export function assertionValidator(
  settings: AssertionSettings,
  shared: SharedSettings = {},
  most = MOST_REMEMBERED,
): AssertionReader {
  return new AssertionValidator(settings, shared, most);
}

class AssertionValidator implements AssertionReader {
  readonly #settings: AssertionSettings;
  readonly #shared: SharedSettings;
  readonly #keys: KeySource;
  readonly #judge: RevocationJudge | undefined;
  readonly #most: number;
  /** By digest, so that no assertion stays in memory. The oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  #closed = false;

  constructor(settings: AssertionSettings, shared: SharedSettings, most: number) {
    const { now, log } = settings;
    this.#settings = settings;
    this.#shared = shared;
    this.#most = most;
    this.#keys = keySourceOf(settings);
    if (shared.revocations !== undefined) {
      warnOfUnshared(shared.revocations, limitedLog(log ?? consoleLog, now));
      this.#judge = new RevocationJudge(shared.revocations, now);
    }
  }

  get [READER](): true {
    return true;
  }

  async validate(assertion: string): Promise<AuthContext> {
    const caller = await this.open(assertion);
    if (caller !== undefined) return caller;
    throw new CredentialError({
      code: 'credentials_missing',
      message: 'The assertion names no caller: the rule that let the request pass is open to every caller.',
      hint: 'In the policy, require something of the callers of this path, such as scopes(...) or authenticated().',
    });
  }

  async open(assertion: string): Promise<AuthContext | undefined> {
    if (this.#closed) throw closed();
    const digest = digestOf(assertion);
    const known = this.#remembered.get(digest);
    if (known !== undefined && this.#stands(known)) return this.#judged(known);
    const verified = await this.#verify(assertion);
    this.#judgeFirst(verified);
    this.#remember(digest, verified);
    return verified.caller;
  }

  recall(assertion: string): AuthContext | undefined {
    const known = this.#closed ? undefined : this.#remembered.get(digestOf(assertion));
    if (known === undefined || !this.#stands(known)) return undefined;
    try {
      return this.#judged(known);
    } catch {
      return undefined; // `validate` tells why.
    }
  }

  /** @throws TokenError, UnavailableError (as rejections) */
  async #verify(assertion: string): Promise<Remembered> {
    const jws = takeApart(assertion);
    if (isRefusal(jws)) throw tokenError(jws);
    const now = soundTime(this.#settings.now());
    const kid = this.#checkHeader(jws);
    const exp = this.#checkClaims(jws, now);
    const key = await this.#keys.find(kid);
    if (key === undefined) throw tokenError(unknownKey(kid));
    if (!isSigned(jws, key)) throw tokenError(INVALID_SIGNATURE);
    const caller = jws.payloadIsFit ? callerIn(jws.payload) : undefined;
    if (caller === undefined) throw tokenError(INCOMPLETE, { verified: true });
    return {
      caller: caller === 'anonymous' ? undefined : caller,
      key,
      from: now,
      until: (exp + CLOCK_TOLERANCE) * 1000,
      version: undefined,
    };
  }

  /** @returns the ID of the key */
  #checkHeader({ header }: CompactJws): string {
    const { typ, alg, kid } = header;
    if (typ !== ASSERTION_TYPE) throw tokenError(notAnAssertion(typ));
    if (alg !== 'ES256') throw tokenError(otherAlgorithm(alg));
    const unknown = Object.keys(header).find((name) => name !== 'typ' && name !== 'alg' && name !== 'kid');
    // RFC 7515 section 4.1.11: what is critical and not understood is refused. Here all else is.
    if (unknown !== undefined) throw tokenError(malformed(`the header parameter ${shown(unknown)}`));
    if (typeof kid !== 'string') throw tokenError(malformed('no key ID (kid)'));
    return kid;
  }

  /** @returns `exp` in seconds */
  #checkClaims({ payload }: CompactJws, now: number): number {
    const { issuer, audience } = this.#settings;
    const { v, iss, aud, iat, exp, rule } = payload;
    if (v !== ASSERTION_VERSION) throw tokenError(otherVersion(v));
    if (iss !== issuer) throw tokenError(other('issuer_not_accepted', 'issuer (iss)', iss, issuer));
    if (aud !== audience) throw tokenError(other('audience_not_accepted', 'audience (aud)', aud, audience));
    if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) throw tokenError(malformed('no times'));
    if (typeof rule !== 'string') throw tokenError(malformed('no rule'));
    const [issued, ends, seconds] = [iat as number, exp as number, now / 1000];
    if (ends - issued > LONGEST_LIFE || ends <= issued) throw tokenError(longLived(ends - issued));
    if (!(seconds < ends + CLOCK_TOLERANCE)) throw tokenError(expired(ends));
    if (!(seconds >= issued - CLOCK_TOLERANCE)) throw tokenError(fromTheFuture(issued));
    return ends;
  }

  /** Whether what was found out still holds. */
  #stands({ key, from, until }: Remembered): boolean {
    const now = soundTime(this.#settings.now());
    return now >= from && now < until && this.#keys.trusts(key);
  }

  #judged(known: Remembered): AuthContext | undefined {
    const { caller } = known;
    if (caller !== undefined) known.version = this.#judge?.judge(caller, known.version);
    return caller;
  }

  #judgeFirst(verified: Remembered): void {
    const { caller } = verified;
    if (caller === undefined || this.#judge === undefined) return;
    this.#judge.assertLifetime(caller.claims, caller);
    verified.version = this.#judge.judge(caller);
  }

  #remember(digest: string, verified: Remembered): void {
    this.#remembered.delete(digest);
    if (this.#remembered.size >= this.#most) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest as string);
    }
    this.#remembered.set(digest, verified);
  }

  /** Full scope names are the service's, and each assertion brings them. */
  get applicationIdUri(): string {
    return this.#settings.audience;
  }

  get [SETTINGS](): ValidatorSettings {
    const { owner, now, log } = this.#settings;
    return { realm: '', owner, now, log, severalTenants: true, assertions: true, shared: this.#shared };
  }

  async ready(): Promise<void> {
    if (this.#closed) throw closed();
    await Promise.all([this.#keys.load(), this.#shared.revocations?.ready()]);
  }

  state(): ValidatorState {
    return { sources: this.#keys.states(), keyIds: this.#keys.keyIds(), closed: this.#closed };
  }

  async health(): Promise<Health> {
    const loaded = await this.#keys.load().then(
      () => true,
      () => false,
    );
    const state = this.state();
    const health =
      state.sources.length > 0 || this.#closed
        ? healthOf(state, this.#settings.now(), loaded)
        : ({ status: 'up', message: 'The keys of assertions were given.', parts: [] } as const);
    return withStore(health, 'revocations', this.#shared.revocations);
  }

  async authorizationServer(): Promise<AuthorizationServer> {
    throw new ConfigurationError(
      'This API is told who called by another service, and does not know where its clients get tokens.',
      'Describe the API at the service that reads the tokens.',
    );
  }

  snapshot(): KeySnapshot {
    return { version: 1, documents: [] };
  }

  close(): void {
    this.#closed = true;
    this.#keys.close();
    this.#remembered.clear();
    this.#shared.revocations?.close().catch(() => {});
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64');

function isSigned({ token, signedEnd }: CompactJws, { key }: VerifyingKey): boolean {
  const text = Buffer.from(token, 'latin1');
  const signature = Buffer.alloc(text.length);
  const length = decodeBase64url(text, signedEnd + 1, text.length, signature);
  if (length !== SIGNATURE_BYTES) return false;
  const signed = text.subarray(0, signedEnd);
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature.subarray(0, length));
}

const HINT =
  'The header X-Entra-Assertion takes what the decision service signed for this application, and nothing else.';

const malformed = (found: string): Refusal => ({
  code: 'token_malformed',
  subject: 'form',
  found,
  expected: 'an assertion as entra-guard signs it',
  hint: HINT,
});

const INCOMPLETE: Refusal = malformed('an assertion that does not tell who called');

const INVALID_SIGNATURE: Refusal = {
  code: 'signature_invalid',
  subject: 'signature',
  expected: 'one that the key of the service made',
  hint: 'The assertion was changed, or something else signs with a key of the same name. Only the data plane may reach this application.',
};

const notAnAssertion = (typ: unknown): Refusal => ({
  code: 'not_an_access_token',
  subject: 'type (typ)',
  found: shown(typ),
  expected: ASSERTION_TYPE,
  hint: `${HINT} An access token belongs in the Authorization header, which is not read here.`,
});

const otherAlgorithm = (alg: unknown): Refusal => ({
  code: 'algorithm_not_allowed',
  subject: 'algorithm (alg)',
  found: shown(alg),
  expected: 'ES256',
  hint: HINT,
});

const unknownKey = (kid: string): Refusal => ({
  code: 'signing_key_not_found',
  subject: 'key ID (kid)',
  found: shown(kid),
  expected: 'a key that the service publishes',
  hint: 'Compare assertion.jwksUri, or assertion.keys, with the /jwks.json of the service that signed it.',
});

const other = (
  code: 'issuer_not_accepted' | 'audience_not_accepted',
  subject: string,
  found: unknown,
  expected: string,
): Refusal => ({
  code,
  subject,
  found: shown(found),
  expected,
  hint: 'The service names its own origin as issuer, and the application as its policy does. The options issuer and audience of assertion have to be the same texts.',
});

const otherVersion = (v: unknown): Refusal => ({
  code: 'token_malformed',
  subject: 'version (v)',
  found: shown(v),
  expected: `version ${ASSERTION_VERSION}`,
  hint: 'Update entra-guard in the application before it is updated in the service.',
});

const longLived = (seconds: number): Refusal => ({
  code: 'token_lifetime_not_accepted',
  subject: 'lifetime (exp and iat)',
  found: `${seconds} s`,
  expected: `more than 0 and at most ${LONGEST_LIFE} s`,
  hint: HINT,
});

const expired = (exp: number): Refusal => ({
  code: 'token_expired',
  subject: 'expiry (exp)',
  found: timeText(exp),
  expected: 'a time that has not come',
  hint: 'The service signs for a minute. Compare the clocks of both machines, and do not keep assertions.',
});

const fromTheFuture = (iat: number): Refusal => ({
  code: 'token_not_yet_valid',
  subject: 'time of issue (iat)',
  found: timeText(iat),
  expected: 'a time that has come',
  hint: 'Compare the clocks of both machines: a difference of 30 seconds is tolerated.',
});

/** A time that may be out of the range of dates. */
function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

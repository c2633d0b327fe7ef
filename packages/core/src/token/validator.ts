import { ConfigurationError, KeysUnavailableError, type TokenError } from '../base/errors.js';
import { isFit, type JsonObject } from '../base/json-object.js';
import { consoleLog, type LogSink, limitedLog } from '../base/log.js';
import { printableOptions } from '../base/printable.js';
import { isRefusal, type Refusal, shown, tokenError } from '../base/refusal.js';
import { AuthContext } from '../caller/auth-context.js';
import { rememberCaller } from '../caller/refused-caller.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import type { TokenKind } from '../caller/token-kind.js';
import { allSettled } from '../keys/all-settled.js';
import { Authority, type IssuerClaims, type Trust } from '../keys/authority.js';
import type { AuthorizationServer } from '../keys/authorization-server.js';
import { currentMoment } from '../keys/documents/remote-document.js';
import type { ValidatorState } from '../keys/documents/validator-state.js';
import { type Health, healthOf } from '../keys/health.js';
import type { SigningKey } from '../keys/key-set.js';
import type { KeySnapshot } from '../options/key-snapshot.js';
import type { Algorithm, Owner, ValidatorOptions } from '../options/options.js';
import { authorityName, overlapError, sharedAudience } from '../options/overlap.js';
import { resolveAllSettings, type Settings } from '../options/settings.js';
import { checkClaims, checkIssuerPresent, issuerClaims } from './checks/claim-checks.js';
import { checkAlgorithm, checkCritical, checkKeyId, checkType } from './checks/header-checks.js';
import { timesOf } from './checks/times.js';
import { type CompactJws, takeAtHand } from './compact-jws.js';
import { KnownHeaders } from './memory/known-headers.js';
import { type Standing, Standings } from './memory/standings.js';
import { type Remembered, TokenMemory } from './memory/token-memory.js';
import { keyNotKnownYet, Probes } from './probes.js';
import { comesInCrowd } from './signature/arrivals.js';
import { signatureHolds } from './signature/signature.js';
import { SignaturePool } from './signature/signature-pool.js';
import { releaseToken } from './signature/token-bytes.js';
import { TenantAnswers } from './tenant-answers.js';
import { TokenPrint } from './token-print.js';
import { askIfRevoked } from './user-hook.js';
import {
  foreignKey,
  invalidSignature,
  nearer,
  revoked,
  tenantDeclined,
  unfitClaims,
  unknownKey,
} from './verdicts.js';

/** Tells whether access tokens may pass, and whose they are. */
export interface Validator {
  /** The application ID URI of the API, of its first authority: scopes in full begin with it. */
  readonly applicationIdUri: string;
  /**
   * Validates one access token, without "Bearer".
   *
   * @throws TokenError when the token is refused, KeysUnavailableError when that can't be decided now (as rejections)
   */
  validate(accessToken: string): Promise<AuthContext>;
  /**
   * Loads keys ahead of the first request; optional, for start-up. Of a list of tenants only the first ten are loaded.
   *
   * @throws KeysUnavailableError, ConfigurationError where two authorities turn out to accept the same tokens (as rejections)
   */
  ready(): Promise<void>;
  state(): ValidatorState;
  /**
   * Loads keys where none have been read yet, and says whether tokens can be judged: for readiness probes. Never rejects.
   */
  health(): Promise<Health>;
  /**
   * Where clients get tokens for this API, as the metadata of its (first) authority says; for documents that describe it.
   *
   * @throws KeysUnavailableError while the metadata can't be had, ConfigurationError if it does not say (as rejections)
   */
  authorizationServer(): Promise<AuthorizationServer>;
  /** Metadata and keys at hand, to start another validator with: the option `keys.seed`. Plain JSON, nothing secret. */
  snapshot(): KeySnapshot;
  /** Lets go of keys and ends running exchanges. Idempotent. */
  close(): void;
}

/** What a guard takes over from its validator. */
export interface ValidatorSettings {
  readonly realm: string;
  readonly owner: Owner | undefined;
  readonly now: () => number;
  readonly log: LogSink | false | undefined;
}

/** Registered: a guard may be handed a validator that another copy of the package made. */
export const SETTINGS: unique symbol = Symbol.for('entra-guard/validator-settings') as never;

/** What a remembered token takes, estimated from heaps of them: its caller, its claims, their sets and what finds it. */
const BYTES_OF_ANY_TOKEN = 512;
const BYTES_OF_A_CHARACTER = 2;

/** Entra back-dates `iat` and `nbf` by five minutes; twice that is safe. */
const BACK_DATING = 600_000;

/**
 * Builds a validator. Several authorities are told apart by the issuer that the token names.
 *
 * @throws ConfigurationError for options that can't be right
 */
export function createValidator(options: ValidatorOptions | readonly ValidatorOptions[]): Validator {
  return validatorFor(resolveAllSettings(options));
}

/** The same for settings that were read already. */
export function validatorFor(settings: readonly Settings[]): Validator {
  return new AuthorityValidator(settings);
}

/** What a guard needs to know of a validator; defaults for one that is not ours. */
export function settingsOf(validator: Validator): ValidatorSettings {
  const settings = (validator as { readonly [SETTINGS]?: ValidatorSettings })[SETTINGS];
  return settings ?? { realm: '', owner: undefined, now: () => Date.now(), log: undefined };
}

/** Whose the token is; a promise only where that has to be waited for. */
type Answer = AuthContext | Promise<AuthContext>;

/**
 * Asks `validator.validate(accessToken)`, without a promise where the answer is known. A validator that something was put
 * around, or whose `validate` was replaced, is asked as its owner meant it.
 *
 * @throws as a rejection, or at once
 */
export function validateNow(validator: Validator, accessToken: string): Answer {
  return isUntouched(validator) ? validator.decide(accessToken) : validateByOther(validator, accessToken);
}

/** A validator of another maker may give anything that can be waited for, and anything in the end. */
async function validateByOther(validator: Validator, accessToken: string): Promise<AuthContext> {
  const given: unknown = await validator.validate(accessToken);
  if (AuthContext.is(given)) return given;
  throw new ConfigurationError(
    `validator.validate(...) gave ${given === '' ? 'an empty string' : printableOptions(given)} instead of an AuthContext.`,
    'It lets no caller in. Return what a validator of createValidator(...) gives, as it is and not as a copy, or reject.',
  );
}

/**
 * Validates a text that was not looked at yet: `undefined` where it is none by its form,
 * and where a validator of another maker should not be asked before that is known.
 *
 * @throws as a rejection, or at once
 */
export function attemptNow(validator: Validator, text: string): Answer | undefined {
  return isUntouched(validator) ? validator.attempt(text) : undefined;
}

/** Whether to ask it by a shorter way comes to the same: its `validate` was replaced neither on itself nor on its class. */
export function isUntouched(validator: Validator): validator is AuthorityValidator {
  return AuthorityValidator.is(validator) && validator.validate === ownValidate;
}

/** That a key was seen to have signed a token. Which token, whoever holds the proof knows. */
interface Proof {
  /** Of the key (RFC 7638). */
  readonly thumbprint: string;
  /** When the signature was verified, and when it has to be again; milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** What is remembered of a token that was accepted. */
interface RememberedToken extends Remembered {
  readonly auth: AuthContext;
  readonly standing: Standing;
  readonly proof: Proof;
}

type Accepted = Pick<RememberedToken, 'auth' | 'standing' | 'proof'>;

interface Candidate {
  readonly authority: Authority;
  readonly tenants: TenantAnswers | undefined;
  readonly standings: Standings;
  readonly memory: TokenMemory<RememberedToken> | undefined;
}

/** An authority that the token may belong to, as far as can be told without a key. */
interface Plausible {
  readonly candidate: Candidate;
  readonly kind: TokenKind;
  /** When that was judged; milliseconds since the epoch. */
  readonly now: number;
}

/** A token's authority, and what vouches for the token there. */
interface Routed extends Plausible {
  readonly trust: Trust;
}

/** One token on its way. */
interface Passage {
  readonly jws: CompactJws;
  readonly whose: IssuerClaims;
  /** At least one. */
  readonly plausible: readonly Plausible[];
  /** No passing of time makes the token another authority's. */
  readonly settled: boolean;
  /** What was remembered of it. */
  readonly known: RememberedToken | undefined;
  /** Its standing was, and so were its header and issuer. */
  standingIsKnown: boolean;
}

/** Of all validators, as the threads are. */
const pool = new SignaturePool();

class AuthorityValidator implements Validator {
  readonly #candidates: readonly Candidate[];
  readonly #algorithms: readonly Algorithm[];
  /** Callers are not told which tenants are accepted. */
  readonly #conceals: boolean;
  /** Where a list of accepted tenants could be found out. */
  readonly #probes: Probes | undefined;
  readonly #primary: Settings;
  readonly #headers = new KnownHeaders();
  #closed = false;

  static is(validator: object): validator is AuthorityValidator {
    return #candidates in validator;
  }

  constructor(settings: readonly Settings[]) {
    this.#candidates = settings.map((one) => candidate(one));
    this.#algorithms = [...new Set(settings.flatMap((one) => one.algorithms))];
    this.#conceals = settings.length > 1 || this.#candidates.some(({ authority }) => authority.manyTenants);
    const authorities = this.#candidates.map(({ authority }) => authority);
    this.#probes = settings.length > 1 || authorities[0]?.listsTenants ? new Probes(authorities) : undefined;
    this.#primary = settings[0] as Settings;
  }

  get applicationIdUri(): string {
    return this.#primary.audiences.applicationIdUri;
  }

  get [SETTINGS](): ValidatorSettings {
    const { owner, now, log } = this.#primary;
    const [only, ...others] = this.#candidates;
    return { realm: only && others.length === 0 ? only.authority.realm : '', owner, now, log };
  }

  /** Gives each caller a promise of their own: what waits for it may write to it, as async_hooks does. */
  async validate(accessToken: string): Promise<AuthContext> {
    return this.decide(accessToken);
  }

  /**
   * The same, without a promise where the answer is at hand.
   *
   * @throws as a rejection, or at once
   */
  decide(accessToken: string): Answer {
    if (this.#closed) throw closed();
    return this.#recall(accessToken) ?? answerOf(this.#judge(accessToken));
  }

  /** The same; `undefined` for what is no signed token by its form, and while closed. */
  attempt(text: string): Answer | undefined {
    if (this.#closed) return undefined;
    const known = this.#recall(text);
    if (known !== undefined) return known;
    const judged = this.#judge(text);
    return isRefusal(judged) ? undefined : judged;
  }

  /** The same for a token that is remembered; `undefined` for any other text. */
  #recall(text: string): Answer | undefined {
    for (let at = 0; at < this.#candidates.length; at++) {
      const candidate = this.#candidates[at] as Candidate;
      const known = candidate.memory?.recall(text);
      if (known !== undefined) return this.#decideAgain(text, known, candidate);
    }
    return undefined;
  }

  async ready(): Promise<void> {
    if (this.#closed) throw closed();
    try {
      await allSettled(this.#candidates.map(({ authority }) => authority.load()));
    } finally {
      // What passes by itself doesn't hide what has to be put right.
      this.#assertNoOverlap();
    }
  }

  /** @throws ConfigurationError where two authorities turned out to be one */
  #assertNoOverlap(): void {
    for (const [index, first] of this.#candidates.entries()) {
      for (const second of this.#candidates.slice(index + 1)) {
        const [one, other] = [first.authority, second.authority];
        if (sharedAudience(one.settings, other.settings) === undefined) continue;
        const issuer = one.issuerInCommonWith(other) ?? other.issuerInCommonWith(one);
        if (issuer !== undefined) throw this.#overlap(first, second, issuer);
      }
    }
  }

  state(): ValidatorState {
    const authorities = this.#candidates.map(({ authority }) => authority);
    return {
      sources: authorities.flatMap((authority) =>
        authority.documents.states().map(({ lastStatus, ...state }) => state),
      ),
      keyIds: [...new Set(authorities.flatMap((authority) => authority.documents.keyIds()))],
      closed: this.#closed,
    };
  }

  async health(): Promise<Health> {
    const loaded = await this.ready().then(
      () => true,
      () => false,
    );
    return healthOf(this.state(), this.#primary.now(), loaded);
  }

  async authorizationServer(): Promise<AuthorizationServer> {
    if (this.#closed) throw closed();
    return (this.#candidates[0] as Candidate).authority.authorizationServer();
  }

  snapshot(): KeySnapshot {
    const saved = this.#candidates.flatMap(({ authority }) => authority.documents.save());
    return {
      version: 1,
      documents: [...new Map(saved.map((document) => [document.url, document])).values()],
    };
  }

  close(): void {
    this.#closed = true;
    for (const { authority, standings, memory } of this.#candidates) {
      authority.close();
      standings.clear();
      memory?.clear();
    }
  }

  /** A token that was accepted before. All that may have changed is judged again; nothing else can have. */
  #decideAgain(token: string, known: RememberedToken, candidate: Candidate): Answer {
    const now = this.#timeFor(candidate);
    // When its signature was verified, the token was good already; `until` is no later than its expiry.
    if (now >= known.proof.from && now < known.until && known.standing.trust.grounds.hold(now)) {
      return this.#admit(known.auth, candidate, token);
    }
    // The whole way finds out what that means, and remembers the token again if it is accepted all the same.
    candidate.memory?.forget(token);
    return answerOf(this.#judge(token, known));
  }

  /** The time for one authority. No clock may be broken, whoever's the token is. */
  #timeFor(candidate: Candidate): number {
    for (let at = 0; at < this.#candidates.length; at++) {
      const one = this.#candidates[at] as Candidate;
      if (one !== candidate) soundTime(one.authority.settings.now());
    }
    return soundTime(candidate.authority.settings.now());
  }

  /** The whole way; a refusal of its form for what is no signed token. Waits only for what is not at hand. */
  #judge(text: string, known?: RememberedToken): Answer | Refusal {
    try {
      return this.#judgeAtHand(text, known);
    } finally {
      releaseToken();
    }
  }

  /** The same; leaves the token held. */
  #judgeAtHand(text: string, known: RememberedToken | undefined): Answer | Refusal {
    const jws = takeAtHand(text, this.#headers);
    if (isRefusal(jws)) return jws;
    const { header, payload } = jws;
    const complaint =
      (jws.headerIsKnown ? undefined : this.#checkHeader(header)) ??
      checkIssuerPresent(payload, jws.surelyFit);
    if (complaint !== undefined) throw this.#error(complaint);
    const whose = issuerClaims(payload);
    const { plausible, settled } = this.#plausible(jws, whose);
    const passage: Passage = { jws, whose, plausible, settled, known, standingIsKnown: false };
    const first = plausible[0] as Plausible;
    // Where several could own the token each is asked: two that do are a mistake, which must not go unnoticed.
    const standing =
      plausible.length === 1 ? first.candidate.standings.find(header, whose, first.now) : undefined;
    if (standing === undefined) return this.#judgeSlowly(passage);
    passage.standingIsKnown = true;
    const proven = this.#provenBefore(passage, first, standing.serving);
    if (proven === undefined && comesLater()) return this.#acceptLater(passage, first, standing);
    const proof = proven ?? this.#prove(passage, first, standing.serving);
    return this.#accept(passage, first, standing, proof);
  }

  #checkHeader(header: JsonObject): Refusal | undefined {
    return (
      checkAlgorithm(header, this.#algorithms) ??
      checkKeyId(header) ??
      checkCritical(header) ??
      checkType(header)
    );
  }

  /** The authorities that the token may belong to, by what needs neither key nor metadata. */
  #plausible({ header, payload }: CompactJws, whose: IssuerClaims): Pick<Passage, 'plausible' | 'settled'> {
    let refusal: Refusal | undefined;
    let settled = true;
    const plausible: Plausible[] = [];
    for (let at = 0; at < this.#candidates.length; at++) {
      const candidate = this.#candidates[at] as Candidate;
      const { authority, standings } = candidate;
      const now = soundTime(authority.settings.now());
      const seen = standings.haveJustSeen(header, whose);
      const kind = checkClaims(header, payload, whose, authority, now, seen);
      if (isRefusal(kind)) {
        refusal = nearer(refusal, kind);
        settled &&= kind.code !== 'token_expired' && kind.code !== 'token_not_yet_valid';
      } else plausible.push({ candidate, kind, now });
    }
    if (plausible.length === 0) throw this.#notOurs(refusal as Refusal, header, payload, whose);
    return { plausible, settled: settled && plausible.length === 1 };
  }

  /** Asks for metadata and keys, as far as they are not at hand. */
  async #judgeSlowly(passage: Passage): Promise<AuthContext> {
    const { header, payload } = passage.jws;
    const arrival = currentMoment();
    const routed = await this.#route(passage);
    const { trust } = routed;
    // Both were checked before anything else.
    const kid = header.kid as string;
    const algorithm = header.alg as Algorithm;
    let named = (await trust.keySet()).find(kid);
    if (named.length === 0) named = await this.#lookAgain(kid, payload, routed, arrival);
    const serving = (await trust.serving(named)).filter(({ alg }) => alg === undefined || alg === algorithm);
    if (serving.length === 0) throw this.#error(foreignKey(kid, trust.issuer));
    const proven = this.#provenBefore(passage, routed, serving);
    const proof =
      proven ??
      (comesLater()
        ? proofBy(await this.#verifyLater(passage.jws, serving), routed)
        : this.#prove(passage, routed, serving));
    trust.prove();
    return this.#accept(passage, routed, { trust, serving }, proof);
  }

  /** Finds the authority that the token's issuer belongs to. */
  async #route({ jws, whose, plausible }: Passage): Promise<Routed> {
    let refusal: Refusal | undefined;
    let unavailable: unknown;
    let routed: Routed | undefined;
    for (const one of plausible) {
      try {
        const trust = await one.candidate.authority.trust(whose);
        if (isRefusal(trust)) refusal = trust;
        else if (routed === undefined) routed = { ...one, trust };
        else throw this.#overlap(routed.candidate, one.candidate, trust.issuer);
      } catch (error) {
        if (ConfigurationError.is(error)) throw error;
        // Another authority may own the token: one that is down must not answer for it.
        unavailable = error;
      }
    }
    if (routed !== undefined) return routed;
    if (unavailable !== undefined) throw unavailable;
    throw this.#notOurs(refusal as Refusal, jws.header, jws.payload, whose);
  }

  /** An unknown key ID: perhaps the keys have changed, perhaps somebody makes IDs up. */
  async #lookAgain(
    kid: string,
    claims: JsonObject,
    { candidate, trust: { keys, issuer } }: Routed,
    arrival: number,
  ): Promise<readonly SigningKey[]> {
    const wait = this.#probes?.begin(issuer);
    // There are keys, or nobody would have looked among them.
    const fetchedAt = keys.fetchedAt as number;
    const fresher = await keys.getFresher(arrival, wait === 0);
    const found = keys.current?.find(kid) ?? [];
    if (found.length > 0) {
      if (wait === 0) this.#probes?.takeBack(issuer);
      return found;
    }
    if (wait) throw keyNotKnownYet(kid, wait);
    // Where tenants could be told apart by it, what a token says of its age doesn't make an answer a sooner one.
    const older =
      this.#probes === undefined && olderThanKeys(claims, fetchedAt, candidate.authority.settings.now());
    if (fresher !== 'fresh' && !older) throw keyNotKnownYet(kid, fresher.retryAfter);
    throw this.#error(unknownKey(kid, issuer, claims));
  }

  /** What one key was seen to have signed it has signed: an earlier proof is as good, while that very key serves. */
  #provenBefore({ known }: Passage, { now }: Plausible, serving: readonly SigningKey[]): Proof | undefined {
    if (known === undefined || !isRecent(known.proof, now)) return undefined;
    const { proof } = known;
    return serving.some(({ thumbprint }) => thumbprint === proof.thumbprint) ? proof : undefined;
  }

  /** @throws TokenError */
  #prove({ jws }: Passage, plausible: Plausible, serving: readonly SigningKey[]): Proof {
    const algorithm = jws.header.alg as Algorithm;
    for (let at = 0; at < serving.length; at++) {
      const { key, thumbprint } = serving[at] as SigningKey;
      if (signatureHolds(jws, key, algorithm)) return proofBy(thumbprint, plausible);
    }
    throw this.#error(invalidSignature(jws.header));
  }

  /**
   * Verifies on another thread: the event loop has other requests to go on with meanwhile.
   *
   * @returns the thumbprint of the key; a text, since `await` asks an object for a `then`
   * @throws TokenError
   */
  async #verifyLater(jws: CompactJws, serving: readonly SigningKey[]): Promise<string> {
    const algorithm = jws.header.alg as Algorithm;
    for (let at = 0; at < serving.length; at++) {
      const { key, thumbprint } = serving[at] as SigningKey;
      if ((await pool.signatureHolds(jws, key, algorithm)) === true) return thumbprint;
    }
    throw this.#error(invalidSignature(jws.header));
  }

  async #acceptLater(passage: Passage, plausible: Plausible, standing: Standing): Promise<AuthContext> {
    const thumbprint = await this.#verifyLater(passage.jws, standing.serving);
    return this.#accept(passage, plausible, standing, proofBy(thumbprint, plausible));
  }

  /** After the signature: only now are the claims true. */
  #accept(passage: Passage, { candidate, kind, now }: Plausible, standing: Standing, proof: Proof): Answer {
    const { trust } = standing;
    const claims = passage.jws.payload;
    if (!passage.jws.surelyFit && !isFit(claims)) throw this.#error(unfitClaims(), true);
    const auth = new TokenAuthContext(claims, kind, trust.tenantId, trust.facts);
    TokenAuthContext.notePrint(auth, new TokenPrint(passage.jws.token));
    const admitted = this.#admit(auth, candidate, passage.jws.token);
    const accepted = { auth, standing, proof };
    if (admitted !== auth) return this.#rememberLater(admitted, passage, candidate, accepted, now);
    this.#remember(passage, candidate, accepted, now);
    return auth;
  }

  /** By itself: a function that makes closures keeps its arguments on the heap, also where it makes none. */
  async #rememberLater(
    admitted: Answer,
    passage: Passage,
    candidate: Candidate,
    accepted: Accepted,
    now: number,
  ): Promise<AuthContext> {
    const auth = await admitted;
    this.#remember(passage, candidate, accepted, now);
    return auth;
  }

  /** What the application has to say about a caller whose token is true, at each use of the token. */
  #admit(auth: AuthContext, candidate: Candidate, token: string): Answer {
    if (candidate.tenants === undefined && candidate.authority.settings.isRevoked === undefined) return auth;
    return this.#ask(auth, candidate, token);
  }

  /** Only now is anything of the application's own asked. */
  async #ask(
    auth: AuthContext,
    { authority, tenants, memory }: Candidate,
    token: string,
  ): Promise<AuthContext> {
    const { isRevoked } = authority.settings;
    let refusal: Refusal | undefined;
    if (tenants !== undefined && !(await tenants.accepts(auth.tenantId))) {
      refusal = tenantDeclined(auth.tenantId);
    } else if (isRevoked !== undefined && (await askIfRevoked(isRevoked, auth))) {
      refusal = revoked();
    }
    if (refusal === undefined) return auth;
    memory?.forget(token);
    throw rememberCaller(this.#error(refusal, true), auth);
  }

  /** Only what was accepted, from its form to the application's own functions, is remembered. */
  #remember(
    { jws: { token, headerEnd, header, payload }, whose, settled, known, standingIsKnown }: Passage,
    { authority, standings, memory }: Candidate,
    { auth, standing, proof }: Accepted,
    now: number,
  ): void {
    if (!standingIsKnown) {
      this.#headers.keep(token.slice(0, headerEnd), header);
      standings.keep(this.#headers.find(token, headerEnd) as JsonObject, whose, standing);
    }
    if (memory === undefined || !settled || !memory.wants(token, known !== undefined)) return;
    const expiry = (timesOf(payload).exp + authority.settings.clockTolerance) * 1000;
    const value: RememberedToken = {
      auth,
      standing,
      proof,
      bytes: BYTES_OF_ANY_TOKEN + BYTES_OF_A_CHARACTER * token.length,
      until: Math.min(expiry, proof.until),
    };
    memory.remember(token, value, now);
  }

  /** Two authorities own a token: that their issuers are one is only known from their metadata. */
  #overlap(first: Candidate, second: Candidate, issuer: string): ConfigurationError {
    const [one, other] = [first, second].map((candidate) =>
      authorityName(candidate.authority.settings, this.#candidates.indexOf(candidate)),
    );
    return overlapError(one as string, other as string, `the issuer ${issuer}`);
  }

  /** A token that belongs to no authority here. */
  #notOurs(
    refusal: Refusal,
    header: JsonObject,
    claims: JsonObject,
    whose: IssuerClaims,
  ): TokenError | KeysUnavailableError {
    const error = this.#error(refusal);
    return this.#probes?.answer(error, header, claims, whose) ?? error;
  }

  #error(refusal: Refusal, verified = false): TokenError {
    return tokenError(refusal, { verified, concealed: this.#conceals });
  }
}

/** As it was written: what replaces it on the class, as a spy does, is asked. */
const ownValidate = AuthorityValidator.prototype.validate;

/** @throws TokenError for what is no signed token by its form */
function answerOf(judged: Answer | Refusal): Answer {
  if (isRefusal(judged)) throw tokenError(judged);
  return judged;
}

/** Whether a signature is better verified on another thread: many tokens come at once. Notes that one has come. */
function comesLater(): boolean {
  return pool.hasRoom && (pool.isBusy || comesInCrowd());
}

function proofBy(thumbprint: string, { candidate, now }: Plausible): Proof {
  const { cache } = candidate.authority.settings;
  return { thumbprint, from: now, until: now + (cache === undefined ? 0 : cache.maxAge) * 1000 };
}

/** A clock that was set back tells nothing about how long ago something was. */
function isRecent({ from, until }: Proof, now: number): boolean {
  return now >= from && now < until;
}

function candidate(settings: Settings): Candidate {
  const { tenancy, now, log, cache } = settings;
  const accepts = tenancy.kind === 'any' ? tenancy.accepts : undefined;
  return {
    authority: new Authority(settings, limitedLog(log ?? consoleLog, now)),
    tenants: accepts && new TenantAnswers(accepts, now),
    standings: new Standings(),
    memory: cache && new TokenMemory(cache),
  };
}

/**
 * Keys are published before they sign: a set that was read after the token was made would have held its key. A set from
 * the future tells nothing: the clock was set back since.
 */
function olderThanKeys(claims: JsonObject, fetchedAt: number, now: number): boolean {
  const { iat } = claims;
  return typeof iat === 'number' && fetchedAt <= now && iat * 1000 + BACK_DATING < fetchedAt;
}

/** A broken clock says nothing about a token, and no comparison with it may let one pass. */
function soundTime(now: number): number {
  if (Number.isFinite(now)) return now;
  throw new KeysUnavailableError({
    code: 'hook_failed',
    message: `The option now gave ${shown(now)} instead of a time.`,
    hint: 'It has to give milliseconds since the epoch, as Date.now does.',
    retryAfter: 5,
  });
}

function closed(): KeysUnavailableError {
  return new KeysUnavailableError({
    message: 'The validator was closed.',
    hint: 'close() is for shutting down; create another validator to go on.',
    retryAfter: 1,
  });
}

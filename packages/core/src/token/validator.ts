import type { AuthContext } from '../auth/auth-context.js';
import { rememberAuthority } from '../auth/authority-facts.js';
import { rememberCaller } from '../auth/refused-caller.js';
import { TokenAuthContext } from '../auth/token-auth-context.js';
import { KeysUnavailableError, type TokenError } from '../errors.js';
import { allSettled } from '../keys/all-settled.js';
import { Authority, type Trust } from '../keys/authority.js';
import { type Health, healthOf } from '../keys/health.js';
import type { SigningKey } from '../keys/key-set.js';
import { currentMoment } from '../keys/remote-document.js';
import type { KeySnapshot } from '../keys/seed.js';
import type { ValidatorState } from '../keys/validator-state.js';
import { consoleLog, type LogSink, limitedLog } from '../log.js';
import type { AuthorizationServer } from '../openapi/schemes.js';
import type { Algorithm, Owner, ValidatorOptions } from '../options.js';
import { resolveAllSettings, type Settings } from '../settings.js';
import { checkClaims, checkIssuerPresent, issuerClaims } from './claim-checks.js';
import { type CompactJws, parseCompactJws } from './compact-jws.js';
import { checkAlgorithm, checkCritical, checkKeyId, checkType } from './header-checks.js';
import { frozenCopy, type JsonObject } from './json-object.js';
import type { TokenKind } from './kind.js';
import { type Refusal, shown, tokenError } from './refusal.js';
import { signatureHolds } from './signature.js';
import { TenantAnswers } from './tenant-answers.js';
import { askHook } from './user-hook.js';
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
   * @throws KeysUnavailableError (as a rejection)
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
const SETTINGS = Symbol.for('entra-guard/validator-settings');

/** Entra back-dates `iat` and `nbf` by five minutes; twice that is safe. */
const BACK_DATING = 600_000;

/**
 * Builds a validator. Several authorities are told apart by the issuer that the token names.
 *
 * @throws ConfigurationError for options that can't be right
 */
export function createValidator(options: ValidatorOptions | readonly ValidatorOptions[]): Validator {
  return new AuthorityValidator(resolveAllSettings(options));
}

/** What a guard needs to know of a validator; defaults for one that is not ours. */
export function settingsOf(validator: Validator): ValidatorSettings {
  const settings = (validator as { readonly [SETTINGS]?: ValidatorSettings })[SETTINGS];
  return settings ?? { realm: '', owner: undefined, now: () => Date.now(), log: undefined };
}

interface Candidate {
  readonly authority: Authority;
  readonly tenants: TenantAnswers | undefined;
}

/** A token's authority, and what vouches for the token there. */
interface Routed extends Candidate {
  readonly trust: Trust;
  readonly kind: TokenKind;
  readonly arrival: number;
}

class AuthorityValidator implements Validator {
  readonly #candidates: readonly Candidate[];
  readonly #algorithms: readonly Algorithm[];
  /** Callers are not told which tenants are accepted. */
  readonly #conceals: boolean;
  readonly #primary: Settings;
  #closed = false;

  constructor(settings: readonly Settings[]) {
    this.#candidates = settings.map((one) => {
      const log = limitedLog(one.log ?? consoleLog, one.now);
      const accepts = one.tenancy.kind === 'any' ? one.tenancy.accepts : undefined;
      return { authority: new Authority(one, log), tenants: accepts && new TenantAnswers(accepts, one.now) };
    });
    this.#algorithms = [...new Set(settings.flatMap((one) => one.algorithms))];
    this.#conceals = settings.length > 1 || this.#candidates.some(({ authority }) => authority.manyTenants);
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

  async validate(accessToken: string): Promise<AuthContext> {
    if (this.#closed) throw closed();
    const jws = parseCompactJws(accessToken);
    const { header, payload } = jws;
    const complaint =
      checkAlgorithm(header, this.#algorithms) ??
      checkKeyId(header) ??
      checkCritical(header) ??
      checkType(header) ??
      checkIssuerPresent(payload);
    if (complaint !== undefined) throw this.#error(complaint);
    const routed = await this.#route(header, payload);
    await this.#verifySignature(jws, routed);
    routed.trust.prove();
    return this.#accept(payload, routed);
  }

  async ready(): Promise<void> {
    if (this.#closed) throw closed();
    await allSettled(this.#candidates.map(({ authority }) => authority.load()));
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
    for (const { authority } of this.#candidates) authority.close();
  }

  /** Finds the authority that the token's issuer belongs to; cheap refusals first, metadata only then. */
  async #route(header: JsonObject, claims: JsonObject): Promise<Routed> {
    let refusal: Refusal | undefined;
    const plausible: (Candidate & { readonly kind: TokenKind })[] = [];
    for (const candidate of this.#candidates) {
      const { authority } = candidate;
      const kind = checkClaims(header, claims, authority, soundTime(authority.settings.now()));
      if ('code' in kind) refusal = nearer(refusal, kind);
      else plausible.push({ ...candidate, kind });
    }
    const arrival = currentMoment();
    let unavailable: unknown;
    for (const candidate of plausible) {
      try {
        const trust = await candidate.authority.trust(issuerClaims(claims));
        if (!('code' in trust)) return { ...candidate, trust, arrival };
        refusal = trust;
      } catch (error) {
        // Another authority may own the token: one that is down must not answer for it.
        unavailable = error;
      }
    }
    if (unavailable !== undefined) throw unavailable;
    throw this.#error(refusal as Refusal);
  }

  /** @throws TokenError, KeysUnavailableError */
  async #verifySignature(jws: CompactJws, routed: Routed): Promise<void> {
    // Both were checked before anything else.
    const kid = jws.header.kid as string;
    const algorithm = jws.header.alg as Algorithm;
    const { trust } = routed;
    let named = (await trust.keys.get()).find(kid);
    if (named.length === 0) named = await this.#lookAgain(kid, jws.payload, routed);
    const serving = (await trust.serving(named)).filter(({ alg }) => alg === undefined || alg === algorithm);
    if (serving.length === 0) throw this.#error(foreignKey(kid, trust.issuer));
    if (!serving.some(({ key }) => signatureHolds(jws.signedText, jws.signature, key, algorithm))) {
      throw this.#error(invalidSignature(jws.header));
    }
  }

  /** An unknown key ID: perhaps the keys have changed, perhaps somebody makes IDs up. */
  async #lookAgain(
    kid: string,
    claims: JsonObject,
    { authority, trust: { keys, issuer }, arrival }: Routed,
  ): Promise<readonly SigningKey[]> {
    // There are keys, or nobody would have looked among them.
    const fetchedAt = keys.fetchedAt as number;
    const fresher = await keys.getFresher(arrival);
    if (fresher !== 'fresh' && !olderThanKeys(claims, fetchedAt, authority.settings.now())) {
      throw new KeysUnavailableError({
        message: `The token names a signing key that is not known (${shown(kid)}), and the keys can't be read again yet.`,
        hint: 'After a key rotation this passes by itself. If it stays, see who sends tokens with made-up key IDs.',
        retryAfter: fresher.retryAfter,
      });
    }
    const found = keys.current?.find(kid) ?? [];
    if (found.length === 0) throw this.#error(unknownKey(kid, issuer, claims));
    return found;
  }

  /** After the signature: only now are the claims true, and only now is anything of the application's own asked. */
  async #accept(payload: JsonObject, { authority, tenants, trust, kind }: Routed): Promise<AuthContext> {
    const { isRevoked } = authority.settings;
    const claims = frozenCopy(payload);
    if (claims === undefined) throw this.#error(unfitClaims(), true);
    const auth = new TokenAuthContext(claims, kind, trust.tenantId);
    rememberAuthority(auth, trust.facts);
    if (tenants !== undefined && !(await tenants.accepts(trust.tenantId))) {
      throw rememberCaller(this.#error(tenantDeclined(trust.tenantId), true), auth);
    }
    if (isRevoked !== undefined && (await askHook('isRevoked', () => isRevoked(auth))) !== false) {
      throw rememberCaller(this.#error(revoked(), true), auth);
    }
    return auth;
  }

  #error(refusal: Refusal, verified = false): TokenError {
    return tokenError(refusal, { verified, concealed: this.#conceals });
  }
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

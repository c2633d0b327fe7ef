import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ConfigurationError } from '../base/errors.js';
import type { JsonObject } from '../base/json-object.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertCaller } from '../caller/caller.js';
import { assertKnown, fn } from '../options/option-readers.js';
import { type AssertionClaims, claimsOfCaller } from './assertion-claims.js';
import { ASSERTION_LIFE, ASSERTION_TYPE, ASSERTION_VERSION } from './form.js';
import { publicJwk, thumbprintOf } from './verifying-keys.js';

/** Options of {@link assertionSigner}. */
export interface AssertionSignerOptions {
  /** The origin of the service: `iss`. */
  readonly issuer: string;
  /**
   * Private keys on P-256, in PEM (PKCS #8 or SEC 1). The first signs; all are published. To change the key, add the new one as
   * the second, move it to the front after 10 minutes, and remove the old one after a day. Default: one that is made now, which other
   * processes do not have.
   */
  readonly keys?: readonly (string | KeyObject)[];
  /** Names of further claims of access tokens that applications are told. Default none: no names and no mail addresses. */
  readonly claims?: readonly string[];
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** Signs who called, for applications that do not see the access token. */
export interface AssertionSigner {
  readonly issuer: string;
  /**
   * Returns an assertion for one application. The same one for 30 seconds, since signing takes longer than deciding.
   *
   * @param auth the caller that the guard gave; `undefined` where the rule is open to every caller
   * @param to `audience`: the application; `rule`: the pattern of the rule that let the request pass
   * @throws ConfigurationError for a copy of a caller, and for a broken clock
   */
  sign(auth: AuthContext | undefined, to: { readonly audience: string; readonly rule: string }): string;
  /** The public keys, as a JWK set (RFC 7517 section 5). */
  readonly jwks: { readonly keys: readonly JsonObject[] };
}

/** How long an assertion is used again, in milliseconds. */
const KEPT = 30_000;
/** Assertions that are kept for one caller. */
const MOST_KEPT = 100;
const NAMES = ['issuer', 'keys', 'claims', 'now'] as const;

/**
 * Makes what signs assertions: JWTs (RFC 7519) signed with ES256, valid for 60 seconds. An application reads them by the option
 * `assertion` of its guard.
 *
 * @throws ConfigurationError for an issuer that is not an origin, for keys that are not private keys on P-256, and for unknown options
 */
export function assertionSigner(given: AssertionSignerOptions): AssertionSigner {
  const options = ownOptions('assertionSigner(...)', given, NAMES);
  assertKnown('option of assertionSigner(...) called', options, NAMES);
  const { issuer, claims = [], keys } = options;
  if (typeof issuer !== 'string' || !URL.canParse(issuer) || new URL(issuer).origin !== issuer) {
    throw new ConfigurationError(
      `issuer of assertionSigner(...) is ${printable(issuer)}, which is not an origin.`,
      "Write where callers reach the service: 'https://gate.contoso.example'.",
    );
  }
  if (!Array.isArray(claims) || !claims.every((name) => typeof name === 'string' && name !== '')) {
    throw new ConfigurationError(
      `claims of assertionSigner(...) is ${printable(claims)}.`,
      "List claims by their names: ['preferred_username'].",
    );
  }
  const ring = keys === undefined ? [madeNow()] : ringOf(keys);
  return new Es256Signer(issuer, ring, [...claims], fn('now', options.now) ?? Date.now);
}

class Es256Signer implements AssertionSigner {
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly JsonObject[] };
  readonly #key: KeyObject;
  readonly #header: string;
  readonly #claims: readonly string[];
  readonly #now: () => number;
  readonly #kept = new WeakMap<object, Map<string, { readonly text: string; readonly until: number }>>();
  /** Stands for callers of rules that are open. */
  readonly #anonymous = Object.freeze({});

  constructor(issuer: string, ring: readonly KeyObject[], claims: readonly string[], now: () => number) {
    const [key] = ring as readonly [KeyObject];
    const publicKeys = ring.map((one) => createPublicKey(one));
    this.issuer = issuer;
    this.jwks = Object.freeze({ keys: Object.freeze(publicKeys.map(publicJwk)) });
    this.#key = key;
    const kid = thumbprintOf(publicKeys[0] as KeyObject);
    this.#header = encoded({ alg: 'ES256', typ: ASSERTION_TYPE, kid });
    this.#claims = claims;
    this.#now = now;
  }

  sign(
    auth: AuthContext | undefined,
    { audience, rule }: { readonly audience: string; readonly rule: string },
  ): string {
    if (auth !== undefined) assertCaller('sign(...)', auth);
    const now = this.#now();
    if (!Number.isFinite(now)) {
      throw new ConfigurationError(
        'The clock of assertionSigner(...) gave no number.',
        'now has to give milliseconds since the epoch, as Date.now does.',
      );
    }
    const caller = auth ?? this.#anonymous;
    const kept =
      this.#kept.get(caller) ?? new Map<string, { readonly text: string; readonly until: number }>();
    const name = JSON.stringify([audience, rule]);
    const known = kept.get(name);
    if (known !== undefined && now < known.until && now >= known.until - KEPT) return known.text;
    const text = this.#signed(auth, audience, rule, Math.floor(now / 1000));
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(name, { text, until: now + KEPT });
    this.#kept.set(caller, kept);
    return text;
  }

  #signed(auth: AuthContext | undefined, audience: string, rule: string, iat: number): string {
    const claims: AssertionClaims = {
      v: ASSERTION_VERSION,
      iss: this.issuer,
      aud: audience,
      iat,
      exp: iat + ASSERTION_LIFE,
      rule,
      ...claimsOfCaller(auth, this.#claims),
    };
    const signed = `${this.#header}.${encoded(claims)}`;
    // RFC 7518 section 3.4: both numbers side by side, not in DER.
    const signature = sign('sha256', Buffer.from(signed), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}

const encoded = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

const madeNow = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

function ringOf(keys: unknown): readonly KeyObject[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new ConfigurationError(
      'keys of assertionSigner(...) is not a list of keys.',
      'List private keys on P-256 in PEM, the one that signs first. Or leave it out: one is made.',
    );
  }
  return Array.from(keys as readonly unknown[], privateKey);
}

function privateKey(given: unknown, index: number): KeyObject {
  const key = keyFrom(given);
  if (key?.type === 'private' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  // What was given may be a secret, so it is not shown.
  throw new ConfigurationError(
    `Key ${index + 1} of assertionSigner(...) is not a private key on P-256.`,
    'Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256.',
  );
}

function keyFrom(given: unknown): KeyObject | undefined {
  try {
    return typeof given === 'string' ? createPrivateKey(given) : (given as KeyObject);
  } catch {
    return undefined;
  }
}

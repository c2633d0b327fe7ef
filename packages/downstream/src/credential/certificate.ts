import {
  constants,
  createHash,
  createPrivateKey,
  type KeyObject,
  randomUUID,
  sign,
  X509Certificate,
} from 'node:crypto';
import { ConfigurationError, type HealthPart, ownOptions } from '@entra-guard/core';
import { assertKnown, shown } from '../options/read.js';
import {
  type ClientCredential,
  Credential,
  clientCredential,
  type Proof,
  type ProofRequest,
} from './credential.js';
import { Kept } from './kept.js';
import { unusable } from './unusable.js';

/** A certificate whose public half the app registration has. */
export interface CertificateOptions {
  /** The certificate, as PEM text. */
  readonly cert: string;
  /** Its private key: PEM text, or a key that was read before. RSA of at least 2048 bits. */
  readonly key: string | KeyObject;
  /** Sends the certificate along, for registrations that trust an issuer and a subject name. Default `false`. */
  readonly sendX5c?: boolean;
}

interface ReadCertificate {
  readonly x509: X509Certificate;
  readonly key: KeyObject;
  readonly sendX5c: boolean;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** How long an assertion is valid, in seconds, and how long it is used, in milliseconds (Entra: certificate credentials). */
const LIFETIME = 600;
const USED_FOR = 300_000;
/** How long before its end a certificate's health is degraded, in milliseconds. */
const SOON = 30 * 86_400_000;

class CertificateCredential extends Credential {
  readonly #certificates: readonly ReadCertificate[];
  readonly #kept = new Kept<string>();

  constructor(certificates: readonly ReadCertificate[]) {
    super();
    this.#certificates = certificates;
  }

  async proofFor({ clientId, tokenUrl, now }: ProofRequest): Promise<Proof> {
    const at = now();
    const certificate = this.#certificates.find(({ from, until }) => from <= at && at < until);
    if (certificate === undefined) throw noneValid(this.#certificates, at);
    const key = JSON.stringify([clientId, tokenUrl, certificate.x509.fingerprint256]);
    const assertion = await this.#kept.get(key, at, async () => ({
      value: signedAssertion(certificate, clientId, tokenUrl, Math.floor(at / 1000)),
      until: Math.min(at + USED_FOR, certificate.until),
    }));
    return { client_assertion: assertion };
  }

  override refused(): void {
    this.#kept.clear();
  }

  override health(now: number): HealthPart {
    const last = this.#certificates.reduce((one, other) => (other.until > one.until ? other : one));
    const end = new Date(last.until).toISOString().slice(0, 10);
    const facts = { part: 'downstream', name: 'certificate' } as const;
    if (now >= last.until) return { ...facts, status: 'down', message: `The certificate expired on ${end}.` };
    return now >= last.until - SOON
      ? {
          ...facts,
          status: 'degraded',
          message: `The certificate expires on ${end}. Add the next one to the app registration.`,
        }
      : { ...facts, status: 'up', message: `The certificate is valid until ${end}.` };
  }
}

/** Signs the assertion as Entra documents it: PS256, and the certificate's SHA-256 thumbprint (Entra: certificate credentials). */
function signedAssertion(
  { x509, key, sendX5c }: ReadCertificate,
  clientId: string,
  audience: string,
  now: number,
): string {
  const header = {
    alg: 'PS256',
    typ: 'JWT',
    'x5t#S256': createHash('sha256').update(x509.raw).digest('base64url'),
    ...(sendX5c ? { x5c: [x509.raw.toString('base64')] } : {}),
  };
  const payload = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now,
    iat: now,
    exp: now + LIFETIME,
  };
  const text = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return `${text}.${sign('sha256', Buffer.from(text), { key, ...padding }).toString('base64url')}`;
}

/**
 * Proves who this API is by a certificate that its app registration has (Entra: certificate credentials). Pass several while you
 * replace one: the first that is valid signs. `health()` is degraded from 30 days before the last one ends.
 *
 * @throws ConfigurationError for what is not a certificate with its private key. No error shows a key
 */
export function certificate(
  first: CertificateOptions,
  ...others: readonly CertificateOptions[]
): ClientCredential {
  return clientCredential('certificate', new CertificateCredential([first, ...others].map(readCertificate)));
}

function readCertificate(given: CertificateOptions): ReadCertificate {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `certificate(...) was given ${typeof given === 'string' ? 'text' : shown(given)}.`,
      'Pass an object: { cert, key }, both as PEM text.',
    );
  }
  const names = ['cert', 'key', 'sendX5c'];
  const { cert, key, sendX5c = false } = ownOptions('certificate(...)', given, names);
  assertKnown('certificate(...)', given, names);
  if (typeof sendX5c !== 'boolean') {
    throw new ConfigurationError(`certificate(...): sendX5c is ${shown(sendX5c)}.`, 'Pass true or false.');
  }
  const x509 = readX509(cert);
  const privateKey = readKey(key);
  if (!x509.checkPrivateKey(privateKey)) {
    throw new ConfigurationError(
      'certificate(...): the key is not that of the certificate.',
      'Pass both halves of one pair. Compare: openssl x509 -noout -pubkey -in cert.pem; openssl pkey -pubout -in key.pem.',
    );
  }
  const [from, until] = [Date.parse(x509.validFrom), Date.parse(x509.validTo)];
  return { x509, key: privateKey, sendX5c, from, until };
}

function readX509(cert: unknown): X509Certificate {
  try {
    return new X509Certificate(cert as string);
  } catch {
    throw new ConfigurationError(
      'certificate(...): cert is not a certificate in PEM.',
      'It begins with -----BEGIN CERTIFICATE-----. Pass the text, and not the path of the file.',
    );
  }
}

function readKey(key: unknown): KeyObject {
  let read: KeyObject | undefined;
  try {
    read = isKeyObject(key) ? key : createPrivateKey(key as string);
  } catch {
    // Told below, without what OpenSSL has said of it.
  }
  if (read === undefined || read.type !== 'private') {
    throw new ConfigurationError(
      'certificate(...): key is not a private key in PEM.',
      'It begins with -----BEGIN PRIVATE KEY-----. Pass the text, and not the path of the file. An encrypted key has to be decrypted first: createPrivateKey({ key, passphrase }).',
    );
  }
  if (read.asymmetricKeyType !== 'rsa' || (read.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new ConfigurationError(
      `certificate(...): key is of the kind ${read.asymmetricKeyType ?? 'unknown'}, and RSA of at least 2048 bits is needed.`,
      'Entra accepts RSA certificates here: make a new one.',
    );
  }
  return read;
}

function isKeyObject(key: unknown): key is KeyObject {
  return typeof key === 'object' && key !== null && 'asymmetricKeyType' in key && 'export' in key;
}

function noneValid(certificates: readonly ReadCertificate[], now: number): Error {
  const { from, until } = certificates[0] as ReadCertificate;
  const day = (time: number) => new Date(time).toISOString();
  return unusable(
    'certificate(...)',
    now < from ? `is not valid before ${day(from)}` : `expired at ${day(until)}`,
    'Make a new certificate, add it to the app registration, and pass it. Pass both while you replace one.',
  );
}

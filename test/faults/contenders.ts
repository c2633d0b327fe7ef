import { createPublicKey } from 'node:crypto';
import { Agent as TlsAgent } from 'node:https';
import { createValidator, EntraGuardError, KeysUnavailableError } from '@entra-guard/core';
import { JwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwksValidationError,
  JwkValidationError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { type PenaltyBox, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { JwksClient } from 'jwks-rsa';
import { Agent, fetch as undiciFetch } from 'undici';
import { localhostCertificate } from '../../packages/testing/src/transport/localhost-certificate.js';
import { API } from '../support/forger.js';
import type { Clock } from './clock.js';
import type { LoopbackTenant } from './loopback-tenant.js';

export type Outcome = 'accepted' | 'refused' | 'undecided' | 'hung';

export interface Verdict {
  readonly outcome: Outcome;
  /** The value of `Retry-After` in seconds, if there is one. */
  readonly retryAfter?: number;
}

/** A library that validates tokens with keys read from an authority. */
export interface Contender {
  verify(token: string): Promise<Verdict>;
  /** Waits until background work is done. */
  settle(): Promise<void>;
  close(): void;
}

export interface ContenderKind {
  readonly name: 'entra-guard' | 'jose' | 'jwks-rsa' | 'aws-jwt-verify';
  /** Whether it supports HTTPS only. */
  readonly needsTls: boolean;
  /**
   * Makes a contender.
   * @param timeout limit for reading keys, in milliseconds
   */
  readonly make: (authority: LoopbackTenant, clock: Clock, timeout: number) => Contender;
}

const ca = localhostCertificate.cert;
const trusting = new Agent({ connect: { ca } });
/** A `fetch` that trusts the certificate of the tests. */
const tlsFetch = ((input: string, init: object) =>
  undiciFetch(input, { ...init, dispatcher: trusting })) as unknown as typeof fetch;

const entraGuard: ContenderKind = {
  name: 'entra-guard',
  needsTls: false,
  make: (authority, clock, timeout) => {
    const fetching = authority.origin.startsWith('https') ? tlsFetch : globalThis.fetch;
    let underWay = 0;
    const validator = createValidator({
      authority: authority.issuer,
      clientId: API,
      // A separate `fetch` for each validator, so that they do not share keys.
      fetch: (input, init) => {
        underWay++;
        // The signal shows the end of every exchange.
        init?.signal?.addEventListener('abort', () => underWay--);
        return fetching(input, init);
      },
      now: clock.now,
      log: false,
      keys: { timeout: timeout / 1000 },
    });
    return {
      verify: (token) =>
        within(
          timeout,
          validator.validate(token).then(
            () => ({ outcome: 'accepted' }),
            (error: unknown) => {
              if (!EntraGuardError.is(error)) throw error;
              return KeysUnavailableError.is(error)
                ? { outcome: 'undecided', retryAfter: error.retryAfter }
                : { outcome: 'refused' };
            },
          ),
        ),
      settle: async () => {
        do await new Promise((resolve) => setImmediate(resolve));
        while (underWay > 0);
      },
      close: () => validator.close(),
    };
  },
};

const jose: ContenderKind = {
  name: 'jose',
  needsTls: false,
  make: (authority, clock, timeout) => {
    const keys = createRemoteJWKSet(new URL(authority.keysUrl), {
      timeoutDuration: timeout,
      ...(authority.origin.startsWith('https') ? { [customFetch]: tlsFetch } : {}),
    });
    return {
      verify: (token) =>
        judged(
          timeout,
          jwtVerify(token, keys, {
            issuer: authority.issuer,
            audience: API,
            currentDate: new Date(clock.now()),
          }),
          // An invalid token has its own error class. For a key set that can't be read the error has the base class,
          // the class of the time limit, or is what fetch threw.
          (error) =>
            !(error instanceof errors.JOSEError) ||
            ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'].includes(error.code),
        ),
      settle: async () => {},
      close: () => {},
    };
  },
};

const jwksRsa: ContenderKind = {
  name: 'jwks-rsa',
  needsTls: false,
  make: (authority, clock, timeout) => {
    const secure = authority.origin.startsWith('https');
    const client = new JwksClient({
      jwksUri: authority.keysUrl,
      timeout,
      ...(secure ? { requestAgent: new TlsAgent({ ca }) } : {}),
    });
    return {
      verify: (token) =>
        judged(
          timeout,
          client.getSigningKey(decodeProtectedHeader(token).kid).then(async (key) => {
            await jwtVerify(token, createPublicKey(key.getPublicKey()), {
              issuer: authority.issuer,
              audience: API,
              currentDate: new Date(clock.now()),
            });
          }),
          (error) =>
            (error as { isEndpointUnavailable?: boolean }).isEndpointUnavailable === true ||
            error.name === 'JwksError' ||
            error.name === 'JwksRateLimitError',
        ),
      settle: async () => {
        // Its cache keeps the time for a millisecond.
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
      close: () => {},
    };
  },
};

const awsJwtVerify: ContenderKind = {
  name: 'aws-jwt-verify',
  needsTls: true,
  make: (authority, _clock, timeout) => {
    const verifier = JwtVerifier.create(
      { issuer: authority.issuer, audience: API, jwksUri: authority.keysUrl },
      {
        jwksCache: new SimpleJwksCache({
          fetcher: new SimpleFetcher({
            defaultRequestOptions: { ca, timeout, responseTimeout: timeout },
          }),
          penaltyBox: penaltyBox(),
        }),
      },
    );
    return {
      verify: (token) =>
        judged(
          timeout,
          verifier.verify(token),
          (error) =>
            error instanceof FetchError ||
            error instanceof WaitPeriodNotYetEndedJwkError ||
            error instanceof JwksValidationError ||
            error instanceof JwkValidationError ||
            // A key set that is not JSON.
            error instanceof SyntaxError,
        ),
      settle: async () => {},
      close: () => {},
    };
  },
};

export const CONTENDERS: readonly ContenderKind[] = [entraGuard, jose, jwksRsa, awsJwtVerify];

/** Like aws-jwt-verify's SimplePenaltyBox, which waits for a real timer, but with the clock of the run. */
function penaltyBox(): PenaltyBox {
  let until = Number.NEGATIVE_INFINITY;
  return {
    wait: async () => {
      if (performance.now() < until) throw new WaitPeriodNotYetEndedJwkError('still waiting');
    },
    registerFailedAttempt: () => {
      until = performance.now() + 10_000;
    },
    registerSuccessfulAttempt: () => {
      until = Number.NEGATIVE_INFINITY;
    },
  };
}

/**
 * Returns the verdict of another library: "undecided" only if the class or code of its error differs from that of an
 * invalid token.
 */
function judged(
  timeout: number,
  verification: Promise<unknown>,
  aboutKeys: (error: Error) => boolean,
): Promise<Verdict> {
  return within(
    timeout,
    verification.then(
      () => ({ outcome: 'accepted' }),
      (error: unknown) => ({ outcome: error instanceof Error && aboutKeys(error) ? 'undecided' : 'refused' }),
    ),
  );
}

/** Returns the verdict, or "hangs" after three times the contender's time limit. */
async function within(timeout: number, verdict: Promise<Verdict>): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<Verdict>((resolve) => {
    // One more turn of the event loop, for an answer that is late on a busy machine.
    timer = setTimeout(() => setImmediate(resolve, { outcome: 'hung' }), 3 * timeout);
  });
  try {
    return await Promise.race([verdict, hung]);
  } finally {
    clearTimeout(timer);
  }
}

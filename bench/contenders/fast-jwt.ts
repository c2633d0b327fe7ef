import { createVerifier } from 'fast-jwt';
import type { Authority } from '../engine/authority.js';
import { bearer } from './bearer.js';
import { type Contender, type Verifier, verifier } from './contender.js';

interface CacheOptions {
  readonly cache?: number;
}

function contender(setup: string, cacheOptions: CacheOptions): Contender {
  const make = async ({ signingKey, issuer, clientId }: Authority): Promise<Verifier> => {
    const verify = createVerifier({
      key: signingKey.export({ type: 'spki', format: 'pem' }).toString(),
      algorithms: ['RS256'],
      allowedIss: issuer,
      allowedAud: clientId,
      requiredClaims: ['exp', 'iss', 'aud'],
      ...cacheOptions,
    });
    return verifier(verify);
  };
  return {
    setup,
    verifier: make,
    handlers: async (authority) => [bearer(await make(authority))],
  };
}

export const fastJwt = contender(
  'synchronous, with one PEM key at hand; issuer, audience, algorithms and required claims given',
  {},
);

export const fastJwtCached = contender('the same with a cache of 10,000 tokens', {
  cache: 10_000,
});

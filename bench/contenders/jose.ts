import { createRemoteJWKSet, jwtVerify } from 'jose';
import { bearer } from './bearer.js';
import { type Contender, verifier } from './contender.js';

export const jose: Contender = {
  setup: 'jwtVerify with createRemoteJWKSet, issuer, audience and algorithms given; keys loaded ahead',
  verifier: async ({ jwksUri, issuer, clientId }) => {
    const keys = createRemoteJWKSet(new URL(jwksUri));
    await keys.reload();
    const options = { issuer, audience: clientId, algorithms: ['RS256'] };
    return verifier(async (token) => (await jwtVerify(token, keys, options)).payload);
  },
  handlers: async (authority) => [bearer(await jose.verifier(authority))],
};

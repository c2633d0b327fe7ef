import jwt from 'jsonwebtoken';
import { bearer } from './bearer.js';
import { type Contender, verifier } from './contender.js';

export const jsonwebtoken: Contender = {
  setup: 'verify, synchronous, with one KeyObject at hand; issuer, audience and algorithms given',
  verifier: async ({ signingKey, issuer, clientId }) => {
    const options = { issuer, audience: clientId, algorithms: ['RS256' as const] };
    // Its types leave KeyObject out of the public keys it takes; its documentation does not.
    const key = signingKey as unknown as jwt.PublicKey;
    return verifier((token) => jwt.verify(token, key, options));
  },
  handlers: async (authority) => [bearer(await jsonwebtoken.verifier(authority))],
};

import { JwtVerifier } from 'aws-jwt-verify';
import { bearer } from './bearer.js';
import { type Contender, verifier } from './contender.js';

export const awsJwtVerify: Contender = {
  setup: 'JwtVerifier with issuer, audience and jwksUri; hydrated ahead, then verifySync',
  verifier: async ({ issuer, clientId, jwksUri, jwks }) => {
    const jwt = JwtVerifier.create({ issuer, audience: clientId, jwksUri });
    jwt.cacheJwks(jwks as Parameters<typeof jwt.cacheJwks>[0]);
    return verifier((token) => jwt.verifySync(token));
  },
  handlers: async (authority) => [bearer(await awsJwtVerify.verifier(authority))],
};

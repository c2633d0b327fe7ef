import { auth, claimCheck } from 'express-oauth2-jwt-bearer';
import { onBareRequest } from './bare-request.js';
import { type Contender, grantsScope } from './contender.js';

export const expressOauth2JwtBearer: Contender = {
  setup: 'auth with issuer, jwksUri, audience and tokenSigningAlg, DPoP off; claimCheck for the scope',
  verifier: async (authority) => onBareRequest(await expressOauth2JwtBearer.handlers(authority)),
  handlers: async ({ issuer, jwksUri, clientId }) => [
    auth({ issuer, jwksUri, audience: clientId, tokenSigningAlg: 'RS256', dpop: { enabled: false } }),
    claimCheck((claims) => grantsScope(claims)),
  ],
};

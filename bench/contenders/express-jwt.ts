import type { RequestHandler } from 'express';
import { expressjwt } from 'express-jwt';
import jwksRsa from 'jwks-rsa';
import { onBareRequest } from './bare-request.js';
import { type Contender, grantsScope } from './contender.js';

const requireScope: RequestHandler = (request, response, next) => {
  if (grantsScope((request as { readonly auth?: unknown }).auth as Parameters<typeof grantsScope>[0])) next();
  else response.status(403).end();
};

export const expressJwt: Contender = {
  setup:
    'expressJwtSecret with cache and rateLimit, as its README has it; issuer, audience and algorithms given',
  verifier: async (authority) => onBareRequest(await expressJwt.handlers(authority)),
  handlers: async ({ issuer, jwksUri, clientId }) => [
    expressjwt({
      secret: jwksRsa.expressJwtSecret({ jwksUri, cache: true, rateLimit: true, jwksRequestsPerMinute: 5 }),
      audience: clientId,
      issuer,
      algorithms: ['RS256'],
    }) as RequestHandler,
    requireScope,
  ],
};

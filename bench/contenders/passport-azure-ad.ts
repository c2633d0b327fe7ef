import type { RequestHandler } from 'express';
import passport from 'passport';
import { BearerStrategy, type VerifyBearerFunction } from 'passport-azure-ad';
import { onBareRequest } from './bare-request.js';
import { type Contender, SCOPE } from './contender.js';

export const passportAzureAd: Contender = {
  setup: 'BearerStrategy 4.3.5 with identityMetadata, clientID, issuer, audience and scope; session off',
  verifier: async (authority) => onBareRequest(await passportAzureAd.handlers(authority)),
  handlers: async ({ metadataUrl, issuer, clientId }) => {
    const options = {
      identityMetadata: metadataUrl,
      clientID: clientId,
      issuer,
      audience: clientId,
      scope: [SCOPE],
      loggingLevel: 'error' as const,
      passReqToCallback: false as const,
    };
    const own = new passport.Passport();
    const verify: VerifyBearerFunction = (token, done) => done(null, token, token);
    own.use(new BearerStrategy(options, verify));
    return [own.authenticate('oauth-bearer', { session: false }) as RequestHandler];
  },
};

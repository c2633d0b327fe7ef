import { BearerStrategy, type VerifyBearerFunction } from 'passport-azure-ad';
import { bearerStrategy } from './bearer-strategy.js';

const verify: VerifyBearerFunction = (token, done) => done(null, token, token);

export const passportAzureAd = bearerStrategy(
  'BearerStrategy 4.3.5 with identityMetadata, clientID, issuer, audience and scope; session off',
  async (options) => new BearerStrategy(options, verify),
);

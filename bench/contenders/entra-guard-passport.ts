import { BearerStrategy, type VerifyBearerFunction } from '@entra-guard/passport';
import type { Strategy } from 'passport';
import { bearerStrategy } from './bearer-strategy.js';

const verify: VerifyBearerFunction = (token, done) => done(null, token, token);

export const entraGuardPassport = bearerStrategy(
  'BearerStrategy of @entra-guard/passport, with the same options',
  // Passport takes any object that can authenticate.
  async (options) => new BearerStrategy(options, verify) as unknown as Strategy,
);

import type { RequestHandler } from 'express';
import passport, { type Strategy } from 'passport';
import type { Authority } from '../engine/authority.js';
import { onBareRequest } from './bare-request.js';
import { type Contender, SCOPE } from './contender.js';

/** What passport-azure-ad and its drop-in replacement are both given. */
export interface BearerOptions {
  readonly identityMetadata: string;
  readonly clientID: string;
  readonly issuer: string;
  readonly audience: string;
  readonly scope: string[];
  readonly loggingLevel: 'error';
  readonly passReqToCallback: false;
}

/** The `BearerStrategy` of a package, behind Passport. */
export function bearerStrategy(
  setup: string,
  strategy: (options: BearerOptions) => Promise<Strategy>,
): Contender {
  const handlers = async ({ metadataUrl, issuer, clientId }: Authority): Promise<RequestHandler[]> => {
    const own = new passport.Passport();
    own.use(
      await strategy({
        identityMetadata: metadataUrl,
        clientID: clientId,
        issuer,
        audience: clientId,
        scope: [SCOPE],
        loggingLevel: 'error',
        passReqToCallback: false,
      }),
    );
    return [own.authenticate('oauth-bearer', { session: false }) as RequestHandler];
  };
  return { setup, handlers, verifier: async (authority) => onBareRequest(await handlers(authority)) };
}

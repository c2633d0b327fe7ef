import { ownMember } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import { readBearerCredential } from '../credential/bearer.js';
import type { RequestLike } from '../credential/headers.js';
import { byToken } from '../guard/identification.js';
import { NO_CONCESSIONS } from '../options/concessions.js';
import type { ValidatorOptions } from '../options/options.js';
import { resolveSettings } from '../options/settings.js';
import { validatorFor } from '../token/validator.js';
import { refuseProduction } from './production.js';

/** The audiences of Microsoft Graph's tokens. */
const GRAPH_AUDIENCES: ReadonlySet<string> = new Set([
  '00000003-0000-0000-c000-000000000000',
  'https://graph.microsoft.com',
]);

/** Finds out who calls a local Microsoft Graph. */
export interface GraphCallers {
  /** @throws CredentialError, TokenError, UnavailableError (as rejections) */
  authenticate(request: RequestLike): Promise<AuthContext>;
  close(): void;
}

/**
 * Validates tokens for Microsoft Graph, for a local Graph that takes its place in tests. All rules are those of other APIs. Only
 * the audience is Graph's, which `createValidator(...)` and `createGuard(...)` refuse: many clients hold tokens for Graph.
 * Publishes no decisions, because the API under test has decisions of its own.
 *
 * @param options of the authority that issues the tokens. Its `clientId` has no effect.
 * @throws ConfigurationError for invalid options; in production, unless `dangerouslyAllowProduction` is `true`
 */
export function graphCallers(
  options: ValidatorOptions,
  terms: { readonly dangerouslyAllowProduction?: boolean } = {},
): GraphCallers {
  if (ownMember(terms, 'dangerouslyAllowProduction') !== true) refuseProduction('graphCallers(...)');
  const settings = resolveSettings(options, { ...NO_CONCESSIONS, audiences: GRAPH_AUDIENCES });
  const validator = validatorFor([settings]);
  const identification = byToken(validator, readBearerCredential);
  return {
    authenticate: async (request) => {
      const caller = identification.read(request);
      return typeof caller === 'string' ? identification.validate(caller) : caller;
    },
    close: () => validator.close(),
  };
}

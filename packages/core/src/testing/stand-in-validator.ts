import { ConfigurationError } from '../base/errors.js';
import type { Health } from '../base/health.js';
import type { LogSink } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { AuthorizationServer } from '../keys/authorization-server.js';
import type { ValidatorState } from '../keys/documents/validator-state.js';
import type { KeySnapshot } from '../options/key-snapshot.js';
import { SETTINGS, type Validator, type ValidatorSettings } from '../token/validator-contract.js';
import { TEST_API, TEST_ORIGIN, TEST_TENANT } from './test-claims.js';

/** The validator of a stand-in guard. It needs no keys, is always ready, and accepts no token. */
export class StandInValidator implements Validator {
  readonly applicationIdUri = `api://${TEST_API}`;
  readonly [SETTINGS]: ValidatorSettings;

  constructor(log: LogSink | false | undefined, now: () => number) {
    this[SETTINGS] = { realm: TEST_TENANT, owner: undefined, now, log, severalTenants: false };
  }

  async validate(_accessToken: string): Promise<AuthContext> {
    throw new ConfigurationError(
      "A stand-in was asked to validate a token, which it can't do.",
      'Test code that validates tokens with a real validator: entraGuard(entra.options()) with startEntra() of @entra-guard/testing.',
    );
  }

  async ready(): Promise<void> {}

  state(): ValidatorState {
    return { sources: [], keyIds: [], closed: false };
  }

  async health(): Promise<Health> {
    return { status: 'up', message: 'A stand-in needs no signing keys.', parts: [] };
  }

  async authorizationServer(): Promise<AuthorizationServer> {
    const oauth = `${TEST_ORIGIN}/${TEST_TENANT}/oauth2/v2.0`;
    return {
      authorizationUrl: `${oauth}/authorize`,
      tokenUrl: `${oauth}/token`,
      applicationIdUri: this.applicationIdUri,
    };
  }

  snapshot(): KeySnapshot {
    return { version: 1, documents: [] };
  }

  /** Does nothing: there is nothing to release, and one stand-in may serve several applications in turn. */
  close(): void {}
}

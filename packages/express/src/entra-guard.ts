import {
  type CommonValidatorOptions,
  ConfigurationError,
  createGuard,
  type GuardOptions,
  type GuardSettings,
  type LogSink,
  optionsFromEnv,
  ownOptions,
} from '@entra-guard/core';
import { assertBoolean, type ExpressGuard, middlewaresOf } from './express-guard.js';

/** Settings of this adapter, in addition to those of the core. */
export interface ExpressSettings {
  /**
   * Passes refusals to `next(error)`, with `error.status`, `error.statusCode` and `error.headers`, instead of answering
   * them. Default `false`. An error handler that calls `next()` lets the refused request go on to the next handler.
   */
  readonly passErrors?: boolean;
}

/** Options of {@link entraGuard}: one authority, several, or an existing validator; and the settings of this adapter. */
export type ExpressGuardOptions = GuardOptions & ExpressSettings;

/** Options in addition to the environment. They win over it. */
export type EnvironmentOverrides = Partial<CommonValidatorOptions> & GuardSettings & ExpressSettings;

interface EntraGuard {
  /**
   * Builds the middlewares for one API.
   *
   * @throws ConfigurationError for invalid options
   */
  (options: ExpressGuardOptions): ExpressGuard;
  /**
   * Builds the middlewares with tenant, or authority, and client ID from the environment, as `optionsFromEnv()` reads them:
   * from `ENTRA_GUARD_TENANT_ID` or `ENTRA_GUARD_AUTHORITY`, and `ENTRA_GUARD_CLIENT_ID`.
   *
   * @throws ConfigurationError when they are missing, or contradict each other
   */
  fromEnv(overrides?: EnvironmentOverrides): ExpressGuard;
}

/**
 * Guards Express routes with Microsoft Entra ID access tokens.
 *
 * ```ts
 * const guard = entraGuard({ tenantId, clientId });
 * app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => res.json(listFor(req.auth.objectId)));
 * guard.assertAllGuarded(app);
 * ```
 */
export const entraGuard: EntraGuard = Object.assign(build, {
  fromEnv: (overrides: EnvironmentOverrides = {}) => build({ ...optionsFromEnv(), ...overrides }),
});

function build(options: ExpressGuardOptions): ExpressGuard {
  const { passErrors, ...coreOptions } = settings(options);
  return middlewaresOf(createGuard(coreOptions), { passErrors, log: logOf(coreOptions) });
}

function settings(options: ExpressGuardOptions): GuardOptions & { readonly passErrors: boolean } {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      'entraGuard() was given no options.',
      'Say whose tokens are accepted: entraGuard({ tenantId, clientId }), or entraGuard.fromEnv().',
    );
  }
  const own = ownOptions('The options object', options);
  const { passErrors = false } = own;
  assertBoolean('passErrors', passErrors);
  return { ...own, passErrors };
}

/** Where the guard writes: several authorities mostly have one log. */
function logOf(options: GuardOptions): LogSink | false | undefined {
  const given = options as { readonly authorities?: unknown; readonly log?: LogSink | false };
  const { authorities, log } = ownOptions('The options object', given);
  if (!Array.isArray(authorities)) return log;
  const logs = (authorities as readonly (typeof given)[]).map((one) => ownOptions('An authority', one).log);
  return logs.find((log) => log !== undefined);
}

import {
  type Anonymous,
  type CommonValidatorOptions,
  ConfigurationError,
  createGuard,
  type Grant,
  type GuardOptions,
  type GuardSettings,
  type Health,
  optionsFromEnv,
  type Validator,
} from '@entra-guard/core';
import { assertAllGuarded } from './assert-all-guarded.js';
import { marked } from './mark.js';
import { type Middleware, middleware } from './middleware.js';
import { RoutePlace, routeName } from './route-name.js';

/** What this adapter can be told beside the settings of the core. */
export interface ExpressSettings {
  /**
   * Hands refusals to `next(error)`, with `error.status`, `error.statusCode` and `error.headers`, instead of answering
   * them. Default `false`. An error handler that calls `next()` lets the request go on to what stands behind it.
   */
  readonly passErrors?: boolean;
}

/** One authority, several of them or a validator that exists already; how to tell callers; how to answer. */
export type ExpressGuardOptions = GuardOptions & ExpressSettings;

/** What may be said beside the environment, and wins over it. */
export type EnvironmentOverrides = Partial<CommonValidatorOptions> & GuardSettings & ExpressSettings;

/** Middlewares that share one validator. All of them can be destructured. */
export interface ExpressGuard {
  /**
   * Lets in who satisfies the requirement; authenticates by itself, so nothing has to stand before it. Sets `req.auth`,
   * except for `anonymous()`, which declares a route open and looks at no token.
   *
   * @throws ConfigurationError at once for what is no requirement, or only narrows one
   */
  readonly require: (requirement: Grant | Anonymous) => Middleware;
  /** The same as `require`, for those who destructure: `require` is CommonJS's own word. */
  readonly protect: (requirement: Grant | Anonymous) => Middleware;
  /**
   * Reads and validates the token and sets `req.auth`; requires no permission whatever. With `optional`, a request
   * without credentials goes on with nobody (see `authOf`), while bad ones are refused all the same; on a route itself
   * that declares the route open to callers without a token.
   *
   * @throws ConfigurationError at once for unknown options
   */
  readonly authenticate: (options?: AuthenticateOptions) => Middleware;
  /**
   * Throws unless every route requires something or is declared open. Call it after the last route.
   *
   * @throws ConfigurationError that names every undecided route
   */
  readonly assertAllGuarded: (app: object) => void;
  /**
   * Loads keys where none have been read yet, and says whether tokens can be judged: `up`, `degraded` or `down`. For
   * readiness probes, and to be called at start-up. Never rejects.
   */
  readonly health: () => Promise<Health>;
  /** How its keys stand (`state()`), and to let go of keys and timers (`close()`). */
  readonly validator: Validator;
}

/** How to authenticate. */
export interface AuthenticateOptions {
  /** No credentials are fine. Default `false`. */
  readonly optional?: boolean;
}

interface EntraGuard {
  /**
   * Builds the middlewares for one API.
   *
   * @throws ConfigurationError for options that can't be right
   */
  (options: ExpressGuardOptions): ExpressGuard;
  /**
   * The same, with tenant and client ID from `ENTRA_GUARD_TENANT_ID` and `ENTRA_GUARD_CLIENT_ID`, or else from
   * `AZURE_TENANT_ID` and `AZURE_CLIENT_ID`.
   *
   * @throws ConfigurationError when they are missing
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
  const guard = createGuard(coreOptions);

  const require = (requirement: Grant | Anonymous): Middleware => {
    guard.declare(requirement);
    return marked(
      middleware(guard, passErrors, (request) => guard.decide(request, requirement, new RoutePlace(request))),
      requirement,
    );
  };

  const authenticate = (given: AuthenticateOptions = {}): Middleware => {
    const optional = optionalFrom(given);
    return marked(
      middleware(guard, passErrors, (request) =>
        guard.authenticate(request, { optional, handler: routeName(request), request }),
      ),
      optional ? 'optional' : 'authenticate',
    );
  };

  return Object.freeze({
    require,
    protect: require,
    authenticate,
    assertAllGuarded,
    health: () => guard.validator.health(),
    validator: guard.validator,
  });
}

function settings(options: ExpressGuardOptions): GuardOptions & { readonly passErrors: boolean } {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      'entraGuard() was given no options.',
      'Say whose tokens are accepted: entraGuard({ tenantId, clientId }), or entraGuard.fromEnv().',
    );
  }
  const { passErrors = false } = options;
  assertBoolean('passErrors', passErrors);
  return { ...options, passErrors };
}

function optionalFrom(given: AuthenticateOptions): boolean {
  const unknown = Object.keys(given).find((name) => name !== 'optional');
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `authenticate() does not know the option '${unknown}'.`,
      'It knows one: authenticate({ optional: true }). Permissions are for guard.require(...).',
    );
  }
  const { optional = false } = given;
  assertBoolean('optional', optional);
  return optional;
}

function assertBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw new ConfigurationError(`${name} was given ${typeof value}.`, 'It is true or false.');
  }
}

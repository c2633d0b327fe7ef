import { ownOptions } from '@entra-guard/core';
import type { Request } from 'express';
import { misconfigured } from './configuration.js';
import { type Call, decide } from './decide.js';
import { asNestException } from './nest-exception.js';
import type { IBearerStrategyOption, IBearerStrategyOptionWithRequest } from './options.js';
import type { OwnOutcome } from './outcome.js';
import { addWithRefusal, type UserPlaces } from './refusal-headers.js';
import { resolveSetup, type Setup } from './setup.js';
import { asError, StrategyError } from './strategy-error.js';
import type { ITokenPayload } from './token-payload.js';
import {
  askVerify,
  refusesCaller,
  type VerifyBearerFunction,
  type VerifyBearerFunctionWithReq,
} from './verify.js';

/** What passport puts on a strategy for each request. */
interface Actions {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: unknown, status?: number): void;
  error(error: unknown): void;
}

/** What `passport.authenticate` was told. */
interface AuthenticateOptions extends UserPlaces {
  readonly tenantIdOrName?: unknown;
}

/** Where a request is answered. */
interface Place {
  readonly nest: boolean;
  readonly options: AuthenticateOptions;
}

/** On the instance and not private: passport works with objects that only inherit from it. */
const SETUP = Symbol('setup');

/**
 * Accepts Microsoft Entra ID access tokens in Passport: the options and callbacks of passport-azure-ad's strategy of the
 * same name, decided by the core.
 *
 * ```ts
 * passport.use(new BearerStrategy({ identityMetadata, clientID }, (token, done) => done(null, {}, token)));
 * app.get('/orders', passport.authenticate('oauth-bearer', { session: false }), list);
 * ```
 */
export interface BearerStrategy {
  /** The name for `passport.authenticate`. */
  name: string;
  /** For passport: tells it through `success`, `fail` or `error` what became of the request. */
  authenticate(req: Request, options?: object): void;
}

/** Makes a {@link BearerStrategy}: with `new`, by `class … extends`, or by `BearerStrategy.call(this, options, verify)`. */
export interface BearerStrategyConstructor {
  readonly prototype: BearerStrategy;
  /**
   * @param options read once, never kept or changed
   * @param verify finds the user of a token that holds
   * @throws ConfigurationError that says what to change
   */
  new (
    options: IBearerStrategyOption & { passReqToCallback: true },
    verify: VerifyBearerFunctionWithReq,
  ): BearerStrategy;
  new (
    options: IBearerStrategyOption & { passReqToCallback?: false | undefined },
    verify: VerifyBearerFunction,
  ): BearerStrategy;
  new (options: IBearerStrategyOptionWithRequest, verify: VerifyBearerFunctionWithReq): BearerStrategy;
  new (options: IBearerStrategyOption, verify: VerifyBearerFunction): BearerStrategy;
}

/** A function and not a class: services of many years inherit from it with `util.inherits`. */
export const BearerStrategy = function BearerStrategy(
  this: BearerStrategy,
  options: IBearerStrategyOption,
  verify: VerifyBearerFunction | VerifyBearerFunctionWithReq,
): void {
  if (!(this instanceof BearerStrategy)) {
    throw new TypeError(
      'BearerStrategy is a constructor: call it with new, or with BearerStrategy.call(this, …) where util.inherits has been called.',
    );
  }
  this.name = 'oauth-bearer';
  const setup = setupOf(options, verify);
  Object.defineProperty(this, SETUP, { value: setup, configurable: true });
} as unknown as BearerStrategyConstructor;

Object.defineProperty(BearerStrategy.prototype, 'authenticate', {
  value: authenticate,
  configurable: true,
  writable: true,
});

function setupOf(
  options: IBearerStrategyOption,
  verify: VerifyBearerFunction | VerifyBearerFunctionWithReq,
): Setup {
  if (typeof options !== 'object' || options === null) {
    throw misconfigured('options is required.', 'Pass { identityMetadata, clientID }.');
  }
  if (typeof verify !== 'function') {
    throw misconfigured(
      'verifyFn is required and it must be a function.',
      'Pass (token, done) => done(null, user, token).',
    );
  }
  const setup = resolveSetup(options, async ({ auth, request }) => {
    const call = request as Call;
    // A copy that is the application's own: it may change it.
    const token = JSON.parse(JSON.stringify(auth.claims)) as ITokenPayload;
    call.verdict = await askVerify((done) =>
      setup.passRequest
        ? (verify as VerifyBearerFunctionWithReq)(call.request, token, done)
        : (verify as VerifyBearerFunction)(token, done),
    );
    if (call.verdict.kind === 'failed' && !refusesCaller(call.verdict.error)) throw call.verdict.error;
    return call.verdict.kind === 'accepted';
  });
  return setup;
}

function authenticate(this: BearerStrategy, req: Request, options?: object): void {
  const setup = (this as unknown as { readonly [SETUP]?: Setup })[SETUP];
  const actions = actionsOf(this);
  if (setup === undefined) {
    actions.error(
      misconfigured(
        'it was never called for this strategy.',
        'Call BearerStrategy.call(this, options, verify).',
      ),
    );
    return;
  }
  const given = ownOptions('passport.authenticate()', (options ?? {}) as AuthenticateOptions);
  const at = { nest: isNest(this), options: given };
  const own = decide(setup, req, at.options.tenantIdOrName);
  const answer = setup.comparison?.answer(own, req, options) ?? own;
  answer
    .then((outcome) => deliver(outcome, actions, req, at))
    .catch((error: unknown) => actions.error(asError(error)));
}

/** Taken at once: where one strategy object serves several requests, passport puts the next one's actions on it. */
function actionsOf(strategy: object): Actions {
  const { success, fail, error } = strategy as Actions;
  return {
    success: success.bind(strategy),
    fail: fail.bind(strategy),
    error: error.bind(strategy),
  };
}

/** Whether this is made by `PassportStrategy` of @nestjs/passport, whose guard makes a 401 without headers of any failure. */
function isNest(strategy: object): boolean {
  return typeof (strategy as { readonly validate?: unknown }).validate === 'function';
}

async function deliver(outcome: OwnOutcome, actions: Actions, request: Request, at: Place): Promise<void> {
  switch (outcome.kind) {
    case 'success':
      actions.success(outcome.user, outcome.info);
      break;
    case 'error': {
      const { error } = outcome;
      // Express itself writes the headers of errors, and NestJS does not.
      if (at.nest && error instanceof StrategyError) return deliverToNest(error, actions, request, at);
      actions.error(asError(error));
      break;
    }
    case 'fail': {
      const { challenge, status, refusal } = outcome;
      // NestJS's guard makes a 401 of any failure, and passport itself writes the challenge of a 401 only.
      if (refusal !== undefined && at.nest && status !== 401) {
        return deliverToNest(refusal, actions, request, at);
      }
      if (refusal !== undefined && (at.nest || status !== 401)) {
        // A callback of the application's own may make a 401 of any refusal, as many samples do.
        const statuses = at.nest ? [refusal.status] : [refusal.status, 401];
        addWithRefusal(request, at.options, statuses, refusal.headers);
      }
      actions.fail(challenge, status);
    }
  }
}

async function deliverToNest(
  refusal: StrategyError,
  actions: Actions,
  request: Request,
  { options }: Place,
): Promise<void> {
  const exception = await asNestException(refusal);
  addWithRefusal(request, options, [refusal.status], refusal.headers);
  actions.error(exception);
}

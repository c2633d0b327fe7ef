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

/** The methods that passport adds to a strategy for each request. */
interface Actions {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: unknown, status?: number): void;
  error(error: unknown): void;
}

/** The options of `passport.authenticate`. */
interface AuthenticateOptions extends UserPlaces {
  readonly tenantIdOrName?: unknown;
}

/** The request and the parts of the application that answer it. */
interface Place {
  readonly nest: boolean;
  readonly options: AuthenticateOptions;
}

/** A property and not a private field, because passport calls strategies through objects that inherit from them. */
const SETUP = Symbol('setup');

/**
 * A Passport strategy that accepts Microsoft Entra ID access tokens. It has the options and callbacks of the
 * `BearerStrategy` of passport-azure-ad; the core of entra-guard decides.
 *
 * ```ts
 * passport.use(new BearerStrategy({ identityMetadata, clientID }, (token, done) => done(null, {}, token)));
 * app.get('/orders', passport.authenticate('oauth-bearer', { session: false }), list);
 * ```
 */
export interface BearerStrategy {
  /** The name for `passport.authenticate`. */
  name: string;
  /** Called by passport. Reports the decision through `success`, `fail` or `error`. */
  authenticate(req: Request, options?: object): void;
}

/** Makes a {@link BearerStrategy}, with `new`, `class … extends` or `BearerStrategy.call(this, options, verify)`. */
export interface BearerStrategyConstructor {
  readonly prototype: BearerStrategy;
  /**
   * @param options read once, neither kept nor changed
   * @param verify finds the user of a valid token
   * @throws ConfigurationError for an invalid option; says what to change
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

/** A function and not a class, because older services inherit from it with `util.inherits`. */
export const BearerStrategy = function BearerStrategy(
  this: BearerStrategy,
  options: IBearerStrategyOption,
  verify: VerifyBearerFunction | VerifyBearerFunctionWithReq,
): void {
  if (!(this instanceof BearerStrategy)) {
    throw new TypeError(
      'BearerStrategy is a constructor. Call it with new, or with BearerStrategy.call(this, …) after util.inherits.',
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
    // A copy, because the application may change it.
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
        'its constructor was never called for this strategy.',
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

/** Reads the actions synchronously: if one strategy object serves several requests, passport replaces them. */
function actionsOf(strategy: object): Actions {
  const { success, fail, error } = strategy as Actions;
  return {
    success: success.bind(strategy),
    fail: fail.bind(strategy),
    error: error.bind(strategy),
  };
}

/** Whether `PassportStrategy` of @nestjs/passport made this strategy. Its guard answers any failure with a bare 401. */
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
      // Express writes the headers of an error, and NestJS does not.
      if (at.nest && error instanceof StrategyError) return deliverToNest(error, actions, request, at);
      actions.error(asError(error));
      break;
    }
    case 'fail': {
      const { challenge, status, refusal } = outcome;
      // NestJS's guard turns any failure into a 401, and passport writes the challenge of a 401 only.
      if (refusal !== undefined && at.nest && status !== 401) {
        return deliverToNest(refusal, actions, request, at);
      }
      if (refusal !== undefined && (at.nest || status !== 401)) {
        // The application's callback may turn any refusal into a 401, as many samples do.
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

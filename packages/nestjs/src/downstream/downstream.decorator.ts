import { ConfigurationError, type Guard, ownOptions } from '@entra-guard/core';
import type { BoundApi } from '@entra-guard/downstream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { otherApisOf } from '../calls/other-apis.js';
import { isSameCaller, type RequestAuth } from '../calls/request-auth.js';
import { callerParameter, foundFor } from '../decorators/caller-parameter.js';
import type { CallerParameter } from '../handlers/caller-parameters.js';
import { kindOf } from '../handlers/kind-of.js';
import { assertName } from './inject-downstream.js';

/** Options of {@link Downstream}. */
export interface DownstreamParameterOptions {
  /** Gives `undefined` where there is no user: to app-only callers, and to callers without a token. Default `false`. */
  readonly optional?: boolean;
}

interface ApiParameter extends CallerParameter {
  readonly api: string;
}

const apiParameter = createParamDecorator(
  (parameter: ApiParameter, context: ExecutionContext): BoundApi | undefined => {
    const found = foundFor(parameter, context, `take ${withOptional(parameter)}`);
    // Without a caller only where it is optional. The core refuses an app-only caller.
    if (found?.auth === undefined || (parameter.optional && found.auth.kind !== 'user')) {
      if (parameter.optional) return undefined;
      throw withoutUser(parameter, context);
    }
    return apiFor(parameter, found, found.auth, context);
  },
);

/**
 * Gives a handler another API, to be called on behalf of the caller of this very call (Entra: OAuth 2.0 On-Behalf-Of flow).
 *
 * ```ts
 * @Get('me') @RequireScopes('Profile.Read')
 * me(@Downstream('graph') graph: BoundApi) { return graph.json('/me'); }
 * ```
 *
 * The application does not start where the handler lets in callers for whom no user can be found: it is public, a token is optional, or
 * its requirement lets app-only callers in. There take `{ optional: true }`.
 *
 * @param name a name of the option `apis` of `EntraDownstreamModule`
 * @throws ConfigurationError for a name that is not text, and for unknown options
 */
export function Downstream(name: string, options: DownstreamParameterOptions = {}): ParameterDecorator {
  assertName('@Downstream(...)', name);
  const by = `@Downstream('${name}')`;
  const parameter: ApiParameter = { by, gives: 'api', optional: optionalIn(by, options), api: name };
  return callerParameter(parameter, apiParameter(parameter));
}

function apiFor(
  { by, api }: ApiParameter,
  { core, request }: RequestAuth,
  auth: NonNullable<RequestAuth['auth']>,
  context: ExecutionContext,
): BoundApi {
  const others = otherApisOf(core);
  if (others === undefined || request === undefined) {
    throw new ConfigurationError(
      `${nameOf(context)} takes ${by}, and ${others === undefined ? 'the application does not import EntraDownstreamModule' : 'this context does not show the caller’s token'}.`,
      others === undefined
        ? 'Import EntraDownstreamModule.forRoot({ credential, apis }) in the root module.'
        : `Call the API as this one: asApp() of @InjectDownstream('${api}').`,
    );
  }
  const bound = others.forCaller(api, request) as BoundApi;
  if (isTokenOf(core, request, auth)) return bound;
  throw new ConfigurationError(
    `${nameOf(context)} takes ${by}, and the guard let in another caller than the one whose token the request has.`,
    "The guard's own decide(...) gave that caller. Another API can be called only for the caller of the token: take @InjectDownstream(...) and asApp() instead.",
  );
}

/** Whether the token that would be exchanged is that of the caller whom the handler sees. */
function isTokenOf(core: Guard, request: object, auth: NonNullable<RequestAuth['auth']>): boolean {
  const own = core.authOf(request);
  return own !== undefined && isSameCaller(own, auth);
}

function withoutUser({ by, api, ...rest }: ApiParameter, context: ExecutionContext): ConfigurationError {
  return new ConfigurationError(
    `${nameOf(context)} takes ${by}, and this caller has no token.`,
    `Require a token, or take ${withOptional({ by, api, ...rest })}.`,
  );
}

function withOptional({ api }: ApiParameter): string {
  return `@Downstream('${api}', { optional: true })`;
}

function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

function optionalIn(by: string, given: unknown): boolean {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const options = ownOptions(by, given as { readonly optional?: unknown });
    const unknown = Object.keys(options).find((name) => name !== 'optional');
    const { optional = false } = options;
    if (unknown === undefined && typeof optional === 'boolean') return optional;
  }
  throw new ConfigurationError(
    `${by} was given ${kindOf(given)} as options, or options that it does not have.`,
    `Write ${by}, or { optional: true } after the name.`,
  );
}

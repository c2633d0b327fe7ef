import { ConfigurationError, type Guard } from '@entra-guard/core';
import { otherApisOf } from '../calls/other-apis.js';
import { type CallerParameter, callerParameters } from '../handlers/caller-parameters.js';
import { declaringPrototype } from '../handlers/declarations.js';
import { type HandlerAccess, isOpen } from '../handlers/handler-access.js';
import type { Handler } from '../handlers/handler-inventory.js';
import type { Judged } from './gaps.js';

/** Tells which parameters of a handler would get nothing: without a caller, without a user, or without a source. */
export function unservedParameters({ handler, access }: Judged, guard: Guard): ConfigurationError[] {
  return parametersOf(handler).flatMap((parameter) => [
    ...(access === undefined || parameter.optional ? [] : withoutCaller(handler, access, parameter)),
    ...withoutSource(handler, parameter, guard),
  ]);
}

/** The decorators of a handler's parameters that give something of the caller, each once. */
function parametersOf({ controller, method }: Handler): readonly CallerParameter[] {
  const holder = declaringPrototype(controller, method);
  const noted = holder === undefined ? [] : callerParameters(holder, method);
  return noted.filter(
    ({ by, optional }, index) =>
      noted.findIndex((other) => other.by === by && other.optional === optional) === index,
  );
}

function withoutCaller(
  { name }: Handler,
  access: HandlerAccess,
  parameter: CallerParameter,
): ConfigurationError[] {
  if (isOpen(access)) {
    const found = `${name} is public and takes ${parameter.by}, which has no caller to give there.`;
    return [new ConfigurationError(found, elseOf(parameter))];
  }
  return parameter.gives === 'api' ? withoutUser(name, access, parameter) : [];
}

/** A call on behalf of a user needs one: the core tells whom a requirement lets in. */
function withoutUser(name: string, access: HandlerAccess, parameter: CallerParameter): ConfigurationError[] {
  const who =
    access.mode === 'optional'
      ? 'lets in callers without a token'
      : access.requirement.callers === 'user'
        ? undefined
        : `lets in app-only callers by ${access.requirement}`;
  if (who === undefined) return [];
  const found = `${name} ${who} and takes ${parameter.by}, which acts for a user.`;
  return [new ConfigurationError(found, elseOf(parameter))];
}

function elseOf({ gives, api }: CallerParameter): string {
  switch (gives) {
    case 'caller':
      return 'Require something of its callers, let a token be optional with @OptionalAuth(), or take @Auth({ optional: true }).';
    case 'user':
      return 'Require something of its callers, or let a token be optional with @OptionalAuth().';
    case 'api':
      return `Require a delegated permission, such as @RequireScopes('…'). Or take @Downstream('${api}', { optional: true }), which gives undefined where there is no user: there call the API as this one, asApp() of @InjectDownstream('${api}').`;
  }
}

function withoutSource({ name }: Handler, parameter: CallerParameter, guard: Guard): ConfigurationError[] {
  if (parameter.gives === 'user' && !guard.loadsUsers) {
    return [
      new ConfigurationError(
        `${name} takes ${parameter.by}, and the guard has no loadUser.`,
        'Give EntraGuardModule that option: loadUser: ({ auth }) => users.find(auth.subjectKey). A stand-in for tests takes it, too.',
      ),
    ];
  }
  if (parameter.gives !== 'api') return [];
  const known = otherApisOf(guard);
  if (known === undefined) {
    return [
      new ConfigurationError(
        `${name} takes ${parameter.by}, and the application does not import EntraDownstreamModule.`,
        'Import EntraDownstreamModule.forRoot({ credential, apis }) of @entra-guard/nestjs/downstream in the root module.',
      ),
    ];
  }
  if (known.names.includes(parameter.api as string)) return [];
  return [
    new ConfigurationError(
      `${name} takes ${parameter.by}, and EntraDownstreamModule has no API of that name. It has: ${known.names.join(', ')}.`,
      'Write one of these names, or add the API to the option apis of EntraDownstreamModule.',
    ),
  ];
}

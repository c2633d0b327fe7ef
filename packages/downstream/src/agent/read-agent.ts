import { ConfigurationError, ownOptions, type RequestLike } from '@entra-guard/core';
import { assertKnown, shown } from '../options/read.js';

/** For whom an agent identity acts: a caller, its own user account, or itself. */
export type AgentFor =
  | 'itself'
  /** The request of a user that the guard has accepted. */
  | { readonly forCaller: object }
  /** The user account of the agent: object ID, or user principal name. */
  | { readonly user: string };

/** {@link AgentFor} after validation. */
export type ReadAgentFor =
  | { readonly for: 'caller'; readonly request: RequestLike }
  | { readonly for: 'user'; readonly user: string }
  | { readonly for: 'itself' };

/** @returns the agent's ID in lower case */
export function readAgentId(given: unknown): string {
  if (typeof given === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given))
    return given.toLowerCase();
  throw new ConfigurationError(
    `asAgent(...) was given ${shown(given)} for the agent identity.`,
    'Pass its application (client) ID, a GUID. Its blueprint is the app registration of this API.',
  );
}

/** @throws ConfigurationError */
export function readAgentFor(given: unknown): ReadAgentFor {
  if (given === 'itself') return { for: 'itself' };
  const example = "Pass { forCaller: req }, { user: 'object ID or UPN' }, or 'itself'.";
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(`asAgent(...) was given ${shown(given)} for whom the agent acts.`, example);
  }
  const names = ['forCaller', 'user'] as const;
  const { forCaller, user } = ownOptions(
    'asAgent(...)',
    given as Partial<Record<(typeof names)[number], unknown>>,
    names,
  );
  assertKnown('asAgent(...)', given, names);
  if ((forCaller === undefined) === (user === undefined)) {
    throw new ConfigurationError(
      `asAgent(...) was given ${forCaller === undefined ? 'neither' : 'both'} of forCaller and user.`,
      example,
    );
  }
  if (typeof forCaller === 'object' && forCaller !== null)
    return { for: 'caller', request: forCaller as RequestLike };
  if (typeof user === 'string' && /^[\x21-\x7e]{1,200}$/.test(user)) return { for: 'user', user };
  throw new ConfigurationError(
    forCaller === undefined
      ? `asAgent(...): user is ${shown(user)}.`
      : `asAgent(...): forCaller is ${shown(forCaller)}.`,
    example,
  );
}

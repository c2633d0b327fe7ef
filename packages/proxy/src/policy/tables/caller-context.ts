import { type AuthContext, type Duration, secondsOf } from '@entra-guard/core';
import { type TestCaller, testAuth } from '@entra-guard/core/testing';
import type { PolicyCaller } from './caller.js';

/**
 * Makes the context of a table's caller, without a token. Its facts are those of a local Entra's tokens.
 *
 * @param now milliseconds since the epoch, from which `signedIn` counts
 * @throws ConfigurationError where `NODE_ENV` is `production`, and for a caller for which Entra would issue no token
 */
export function contextOf(caller: PolicyCaller, now: number): AuthContext {
  return testAuth(testCallerOf(caller, now));
}

function testCallerOf(caller: PolicyCaller, now: number): TestCaller {
  const { roles = [], agent } = caller;
  if (caller.user === undefined && caller.for === undefined) {
    const claims = agent === undefined ? FACETS.app : FACETS.agent;
    return { kind: 'app', roles, claims };
  }
  const { scopes = [], groups, guest = false, client, authenticationContexts, signedIn } = caller;
  return {
    kind: 'user',
    scopes: scopes as readonly [string, ...string[]],
    roles,
    guest,
    ...(groups === undefined ? {} : { groups }),
    ...(client === undefined ? {} : { clientId: client }),
    ...(authenticationContexts === undefined ? {} : { authenticationContexts }),
    claims: {
      ...(signedIn === undefined ? {} : { auth_time: signInTime(signedIn, now) }),
      ...(agent === undefined ? FACETS.user : FACETS.agentForUser),
    },
  };
}

/**
 * What tokens say of AI agents, where the app registration asks for it: facet 11 is an agent (Entra Agent ID: agent token claims).
 * A table's callers always say it.
 */
export const FACETS = {
  user: { xms_act_fct: '3 9', xms_sub_fct: '2 3' },
  app: { xms_act_fct: '3 9', xms_sub_fct: '3 9' },
  agent: { xms_act_fct: '3 9 11', xms_sub_fct: '9 3 11' },
  agentForUser: { xms_act_fct: '11 9 3', xms_sub_fct: '2 3' },
} as const;

/** Seconds since the epoch, as the claim `auth_time`. */
export function signInTime(ago: string, now: number): number {
  return Math.floor(now / 1000) - secondsOf('signedIn', ago as Duration, { least: 0 });
}

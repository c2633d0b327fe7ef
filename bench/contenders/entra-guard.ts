import {
  type AuthContext,
  allOf,
  createGuard,
  createValidator,
  evaluate,
  type Grant,
  scopes,
  userRoles,
} from '@entra-guard/core';
import { entraGuard as expressGuard } from '@entra-guard/express';
import { type Authority, defaultOptions, guardOptions } from '../engine/authority.js';
import { type Contender, SCOPE, verifier } from './contender.js';

function requirementOf({ guard }: Authority): Grant {
  return guard === undefined ? scopes(SCOPE) : allOf(scopes(SCOPE), userRoles(guard.role));
}

export const entraGuard: Contender = {
  setup: `defaults, log: false; validate and evaluate(scopes('${SCOPE}')); over HTTP guard.require(scopes('${SCOPE}'))`,
  verifier: async (authority) => {
    const validator = createValidator(guardOptions(authority));
    await validator.ready();
    const requirement = requirementOf(authority);
    return {
      ...verifier((token) => validator.validate(token)),
      judge: (auth) => {
        if (!evaluate(requirement, auth as AuthContext).granted) throw new Error('The scope is missing.');
      },
      close: () => validator.close(),
    };
  },
  handlers: (authority) => handlers(authority, guardOptions(authority)),
};

/** The guard as adapters use it, and as an application has it that says nothing about the log. */
export const entraGuardDefaults: Contender = {
  setup: `defaults, and so warnings on the console; guard.decide, over HTTP guard.require, with scopes('${SCOPE}')`,
  verifier: async (authority) => {
    const guard = createGuard(defaultOptions(authority));
    await guard.validator.ready();
    const requirement = requirementOf(authority);
    return {
      ...verifier((header) => guard.decide({ headers: { authorization: header } }, requirement)),
      prepare: (token) => `Bearer ${token}`,
      close: () => guard.close(),
    };
  },
  handlers: (authority) => handlers(authority, defaultOptions(authority)),
};

async function handlers(authority: Authority, options: ReturnType<typeof guardOptions>) {
  const guard = expressGuard(options);
  await guard.validator.ready();
  return [guard.require(requirementOf(authority))];
}

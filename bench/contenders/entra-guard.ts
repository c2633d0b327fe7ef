import {
  type AuthContext,
  allOf,
  createValidator,
  evaluate,
  type Grant,
  scopes,
  userRoles,
} from '@entra-guard/core';
import { entraGuard as expressGuard } from '@entra-guard/express';
import { type Authority, guardOptions } from '../engine/authority.js';
import { type Contender, SCOPE, verifier } from './contender.js';

function requirementOf({ guard }: Authority): Grant {
  return guard === undefined ? scopes(SCOPE) : allOf(scopes(SCOPE), userRoles(guard.role));
}

export const entraGuard: Contender = {
  setup: `defaults; validate and evaluate(scopes('${SCOPE}')); over HTTP guard.require(scopes('${SCOPE}'))`,
  verifier: async (authority) => {
    const validator = createValidator(guardOptions(authority));
    await validator.ready();
    const requirement = requirementOf(authority);
    return {
      ...verifier('with a promise', (token) => validator.validate(token)),
      judge: (auth) => {
        if (!evaluate(requirement, auth as AuthContext).granted) throw new Error('The scope is missing.');
      },
      close: () => validator.close(),
    };
  },
  handlers: async (authority) => {
    const guard = expressGuard(guardOptions(authority));
    await guard.validator.ready();
    return [guard.require(requirementOf(authority))];
  },
};

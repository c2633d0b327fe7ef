import { type AuthContext, createValidator, evaluate, memoryRevocations, scopes } from '@entra-guard/core';
import { guardOptions } from '../engine/authority.js';
import { type Contender, SCOPE, verifier } from './contender.js';

const TENANT = '11111111-1111-4111-8111-111111111111';

/** entra-guard with so many records of other users than those who call. */
export function entraGuardWith(records: number): Contender {
  return {
    setup: `as entra-guard, with memoryRevocations() and ${records.toLocaleString('en-US')} cutoffs of users who do not call`,
    verifier: async (authority) => {
      const revocations = memoryRevocations({ oneProcess: true });
      const issuedBefore = Date.now();
      for (let index = 0; index < records; index++) {
        const user = `22222222-2222-4222-8222-${index.toString(16).padStart(12, '0')}`;
        await revocations.revoke({ user, tenantId: TENANT }, { because: 'bench', issuedBefore });
      }
      const validator = createValidator({ ...guardOptions(authority), revocations });
      await validator.ready();
      const requirement = scopes(SCOPE);
      return {
        ...verifier((token) => validator.validate(token)),
        judge: (auth) => {
          if (!evaluate(requirement, auth as AuthContext).granted) throw new Error('The scope is missing.');
        },
        close: () => validator.close(),
      };
    },
    handlers: () => Promise.reject(new Error('It is measured without HTTP.')),
  };
}

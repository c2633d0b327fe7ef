import {
  type AuthContext,
  createValidator,
  EntraGuardError,
  type ErrorCode,
  type MultiTenantOptions,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';
import { contoso } from './contoso.js';
import { API, type Documents, documents, NOW, tenantPages } from './forger.js';

/** A single-tenant validator at the sample tokens' time, over pages in memory. */
export function singleTenant(
  changes: Partial<Omit<ValidatorOptions, 'tenantId' | 'tenants' | 'authority'>> = {},
  docs: Documents = documents(tenantPages()),
): Validator {
  return createValidator(contoso({ fetch: docs.fetch, ...changes }));
}

/** What became of a token: `accepted`, or the code of its refusal. */
export async function outcomeOf(validator: Validator, token: string): Promise<ErrorCode | 'accepted'> {
  try {
    await validator.validate(token);
    return 'accepted';
  } catch (error) {
    if (EntraGuardError.is(error)) return error.code;
    throw error;
  }
}

/** The error of a token that must be refused. */
export async function refusalOf(validator: Validator, token: string): Promise<EntraGuardError> {
  let auth: AuthContext;
  try {
    auth = await validator.validate(token);
  } catch (error) {
    if (EntraGuardError.is(error)) return error;
    throw error;
  }
  throw new Error(`accepted, for ${auth.subjectKey}`);
}

/** A validator at the sample tokens' time that accepts these tenants. */
export function acceptingTenants(tenants: MultiTenantOptions['tenants'], docs: Documents): Validator {
  return createValidator({ clientId: API, fetch: docs.fetch, now: () => NOW, log: false, tenants });
}

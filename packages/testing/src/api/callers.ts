import {
  type AuthContext,
  CredentialError,
  createValidator,
  EntraGuardError,
  toHttp,
  type Validator,
} from '@entra-guard/core';
import type { App } from '../directory/apps.js';
import type { EntraServices } from '../endpoints/call.js';
import { trustFromWithin } from '../endpoints/own-documents.js';
import type { ApiCaller } from './local-api.js';

/**
 * Makes what validates the tokens of a local API. It is a validator and not a guard, so that it publishes no decisions: the API under
 * test has decisions of its own.
 */
export function validatorOf(entra: EntraServices, { clientId, applicationIdUri }: App): Validator {
  return createValidator({ ...trustFromWithin(entra), clientId, applicationIdUri });
}

/** @throws CredentialError, TokenError, UnavailableError (as rejections) */
export async function callerOf(validator: Validator, headers: Headers): Promise<ApiCaller> {
  const [, token] = /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (token === undefined) {
    throw new CredentialError({
      code: 'credentials_missing',
      message: 'The request has no access token.',
      hint: 'Send Authorization: Bearer <access token>.',
    });
  }
  return describe(await validator.validate(token));
}

function describe(auth: AuthContext): ApiCaller {
  const { kind, tenantId, objectId, clientId, scopes, roles, agent } = auth;
  return Object.freeze({
    kind,
    tenantId,
    objectId,
    clientId,
    scopes: Object.freeze([...scopes]),
    roles: Object.freeze([...roles]),
    agent,
  });
}

/** Answers a caller who is refused, as an API with a guard does. */
export function refusalOf(error: unknown): Response {
  if (!EntraGuardError.is(error)) throw error;
  const { status, headers, body } = toHttp(error);
  return new Response(JSON.stringify(body), { status, headers: Object.entries(headers) });
}

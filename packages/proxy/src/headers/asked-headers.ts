import { CredentialError, RequestError } from '@entra-guard/core';
import { normalName } from './header-names.js';
import { isMethodOverride } from './method-overrides.js';

/**
 * Refuses headers that the application may read in another way than what was judged: one that overrides the method, and a second
 * `Authorization`. And what should not reach it, where the server can't remove it.
 *
 * @param remains whether the server can't remove a header that it should, by its name as it stands there
 * @throws RequestError `request_invalid`, CredentialError `credentials_malformed`
 */
export function assertUnambiguous(
  rawHeaders: readonly string[],
  remains: ((name: string) => boolean) | undefined,
): void {
  let credentials = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = normalName(rawHeaders[index] as string);
    if (name === 'authorization') credentials += 1;
    else if (isMethodOverride(name)) throw overridden(name);
    else if (remains?.(rawHeaders[index] as string)) throw notRemoved(name);
  }
  if (credentials > 1) throw repeated(credentials);
}

function overridden(name: string): RequestError {
  return new RequestError({
    code: 'request_invalid',
    message: `The request has the header ${name}, by which some applications take another method than the one that is judged.`,
    hint: 'Send the request with its own method.',
  });
}

function repeated(count: number): CredentialError {
  return new CredentialError({
    code: 'credentials_malformed',
    place: 'header',
    message: `The request has ${count} Authorization headers.`,
    hint: 'Send one header, one scheme, one token: Authorization: Bearer <access token>.',
  });
}

function notRemoved(name: string): RequestError {
  return new RequestError({
    code: 'request_invalid',
    message: `The request has the header ${name.slice(0, 100)}, which only the server in front may set, and which it can't remove.`,
    hint: 'Send the request without it.',
  });
}

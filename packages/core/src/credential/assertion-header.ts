import { CredentialError } from '../base/errors.js';
import { type RequestLike, valuesOf } from './headers.js';

const NAME = 'x-entra-assertion';
/** RFC 7515 section 7.1: three parts of base64url. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Reads the header `X-Entra-Assertion`, and nothing else: no `Authorization`, no query, no cookie. A second header of that name is
 * refused, also one with `_` for `-`, which some servers take for the same.
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readAssertion(request: RequestLike): string {
  const names = namesLike(request);
  if (names.length > 1)
    throw malformed(`The request has ${names.length} headers that may be X-Entra-Assertion.`);
  const values = valuesOf(request, NAME);
  if (typeof values === 'object' && values.length !== 1) {
    throw malformed(`The request has ${values.length} X-Entra-Assertion headers.`);
  }
  const value = typeof values === 'object' ? values[0] : values;
  if (value === undefined || value === '') throw missing();
  if (!COMPACT.test(value))
    throw malformed('The header X-Entra-Assertion does not hold exactly one assertion.');
  return value;
}

/** The names of headers that may be taken for this one, one for each time that Node received it. */
function namesLike({ rawHeaders, headers }: RequestLike): readonly string[] {
  if (Array.isArray(rawHeaders)) return rawHeaders.filter((text, index) => index % 2 === 0 && isLike(text));
  return typeof (headers as { readonly get?: unknown }).get === 'function'
    ? []
    : Object.keys(headers).filter(isLike);
}

const isLike = (name: string): boolean =>
  name.length === NAME.length && name.toLowerCase().replaceAll('_', '-') === NAME;

function missing(): CredentialError {
  return new CredentialError({
    code: 'credentials_missing',
    message: 'The request has no X-Entra-Assertion header.',
    hint: 'Only the data plane may reach this application, and it has to set the header on each request: `entra-guard policy config` prints how.',
  });
}

function malformed(message: string): CredentialError {
  return new CredentialError({
    code: 'credentials_malformed',
    place: 'header',
    message,
    hint: 'The data plane has to remove what callers send in X-Entra-Assertion, and set it once: `entra-guard policy config` prints how.',
  });
}

import { createPublicKey } from 'node:crypto';
import { LocalEntraError } from '../error.js';
import type { AppRegistration } from './registration.js';

/**
 * Checks the credentials of a registration.
 * @throws {LocalEntraError} `option_invalid`
 */
export function assertCredentials(name: string, given: AppRegistration): void {
  const { secrets = [], certificate, certificates = [], federatedCredentials = [] } = given;
  assertList(name, 'secrets', secrets, (one, what) => {
    assertMembers(what, one, { value: true, expires: false });
    const { expires } = one as { readonly expires?: string };
    if (expires !== undefined && Number.isNaN(Date.parse(expires))) {
      throw invalid(`${what}.expires is "${expires}". Write a time: "2030-01-31T00:00:00Z".`);
    }
  });
  assertList(name, 'certificates', certificates, assertPem);
  if (certificate !== undefined) assertPem(certificate, `apps.${name}.certificate`);
  assertList(name, 'federatedCredentials', federatedCredentials, (one, what) => {
    const { jwks, ...texts } = one as { readonly jwks?: { readonly keys?: unknown } };
    assertMembers(what, texts, { issuer: true, subject: true, audience: false });
    if (jwks !== undefined && !Array.isArray(jwks?.keys)) {
      throw invalid(`${what}.jwks has no keys. Pass the JSON of the issuer's jwks_uri: { keys: [...] }.`);
    }
  });
}

function assertList(
  app: string,
  member: string,
  list: unknown,
  check: (one: unknown, what: string) => void,
): void {
  const what = `apps.${app}.${member}`;
  if (!Array.isArray(list)) throw invalid(`${what} is not a list.`);
  for (const [index, one] of list.entries()) check(one, `${what}[${index}]`);
}

/** Checks an object of texts. @param members whether each member is required */
function assertMembers(what: string, given: unknown, members: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(members).join(', ');
  if (typeof given !== 'object' || given === null)
    throw invalid(`${what} is not an object. It has ${names}.`);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(members, name));
  if (unknown !== undefined) throw invalid(`${what} has no "${unknown}". It has ${names}.`);
  for (const [name, required] of Object.entries(members)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value === undefined && !required) continue;
    if (typeof value !== 'string' || value === '') throw invalid(`${what}.${name} is not a text.`);
  }
}

function assertPem(pem: unknown, what: string): void {
  try {
    createPublicKey(pem as string);
  } catch {
    throw invalid(`${what} is not a certificate or public key in PEM.`);
  }
}

function invalid(message: string): LocalEntraError {
  return new LocalEntraError('option_invalid', message);
}

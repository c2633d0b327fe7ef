import { createPublicKey } from 'node:crypto';
import { assertMembers, invalidOption } from './invalid-option.js';
import type { AppRegistration } from './registration.js';

/**
 * Checks the credentials of a registration.
 * @throws {LocalEntraError} `option_invalid`
 */
export function assertCredentials(name: string, given: AppRegistration): void {
  const { secrets = [], certificate, certificates = [], federatedCredentials = [] } = given;
  assertList(name, 'secrets', secrets, (one, what) => {
    assertTexts(what, one, { value: true, expires: false });
    const { expires } = one as { readonly expires?: string };
    if (expires !== undefined && Number.isNaN(Date.parse(expires))) {
      throw invalidOption(`${what}.expires is "${expires}". Write a time: "2030-01-31T00:00:00Z".`);
    }
  });
  assertList(name, 'certificates', certificates, assertPem);
  if (certificate !== undefined) assertPem(certificate, `apps.${name}.certificate`);
  assertList(name, 'federatedCredentials', federatedCredentials, (one, what) => {
    const { jwks, ...texts } = one as { readonly jwks?: { readonly keys?: unknown } };
    assertTexts(what, texts, { name: false, issuer: true, subject: true, audience: false });
    if (jwks !== undefined && !Array.isArray(jwks?.keys)) {
      throw invalidOption(
        `${what}.jwks has no keys. Pass the JSON of the issuer's jwks_uri: { keys: [...] }.`,
      );
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
  if (!Array.isArray(list)) throw invalidOption(`${what} is not a list.`);
  for (const [index, one] of list.entries()) check(one, `${what}[${index}]`);
}

/** Checks an object of texts. @param members whether each member is required */
function assertTexts(what: string, given: unknown, members: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(members).join(', ');
  if (typeof given !== 'object' || given === null)
    throw invalidOption(`${what} is not an object. It has ${names}.`);
  assertMembers(what, given, Object.keys(members));
  for (const [name, required] of Object.entries(members)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value === undefined && !required) continue;
    if (typeof value !== 'string' || value === '') throw invalidOption(`${what}.${name} is not a text.`);
  }
}

function assertPem(pem: unknown, what: string): void {
  try {
    createPublicKey(pem as string);
  } catch {
    throw invalidOption(`${what} is not a certificate or public key in PEM.`);
  }
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The tenant of personal Microsoft accounts (Entra: "OpenID Connect on the Microsoft identity platform"). */
export const CONSUMER_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** Tells whether a string is a GUID in its hyphenated form, in upper or lower case. */
export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && GUID.test(value);
}

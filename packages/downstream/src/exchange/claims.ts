import { isJsonObject, type JsonObject, parseJsonObject } from '../json-object.js';

/** Longest claims request that is taken over, in characters. */
const LONGEST = 4096;

/**
 * Reads a claims request (OpenID Connect Core section 5.5) of an authority or another API.
 *
 * @returns it, minified; `undefined` for anything but an object with `access_token`, and for more than 4096 characters
 */
export function readClaims(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined;
  const parsed = parseJsonObject(text);
  return parsed !== undefined && isJsonObject(parsed.access_token) ? JSON.stringify(parsed) : undefined;
}

/** Declares that claims challenges are answered (Entra: client capabilities). */
const CP1 = { xms_cc: { values: ['cp1'] } };

/**
 * Returns the claims request for the token endpoint.
 *
 * @param demanded what another API has demanded, as {@link readClaims} gives it
 * @param cae whether claims challenges are answered
 * @returns `undefined` for nothing to ask for
 */
export function claimsRequest(demanded: string | undefined, cae: boolean): string | undefined {
  if (!cae) return demanded;
  const { access_token, ...others } = demanded === undefined ? {} : (JSON.parse(demanded) as JsonObject);
  return JSON.stringify({ access_token: { ...(access_token as JsonObject | undefined), ...CP1 }, ...others });
}

import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';
import type { Algorithm } from '../../options/options.js';

const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
const MAX_KID_LENGTH = 256;

/** The algorithm comes from our list, never from the token (RFC 8725 section 3.1). */
export function checkAlgorithm(header: JsonObject, allowed: readonly Algorithm[]): Refusal | undefined {
  const alg = header.alg;
  if (typeof alg === 'string' && (allowed as readonly string[]).includes(alg)) return undefined;
  return {
    code: 'algorithm_not_allowed',
    subject: 'algorithm (alg)',
    found: shown(alg),
    expected: allowed.join(' or '),
    hint:
      alg === 'none' || (typeof alg === 'string' && alg.startsWith('HS'))
        ? 'Entra never issues such tokens: somebody made this one.'
        : 'Entra signs access tokens with RS256. If yours are signed otherwise on purpose, set the algorithms option.',
  };
}

/** Entra names the key in every token; without a name any key of the set would have to be tried. */
export function checkKeyId(header: JsonObject): Refusal | undefined {
  const kid = header.kid;
  if (typeof kid === 'string' && kid.length > 0 && kid.length <= MAX_KID_LENGTH) return undefined;
  return {
    code: 'token_malformed',
    subject: 'key ID (kid)',
    found: shown(kid),
    expected: 'the ID of a signing key',
    hint: 'Entra names the signing key in every access token: this token does not come from Entra.',
  };
}

/** RFC 7515 section 4.1.11: what `crit` lists must be understood, and nothing that Entra issues uses it. */
export function checkCritical(header: JsonObject): Refusal | undefined {
  if (!Object.hasOwn(header, 'crit')) return undefined;
  return {
    code: 'token_malformed',
    subject: 'critical header parameters (crit)',
    found: shown(header.crit),
    expected: 'none',
    hint: 'The token demands an extension that is not supported. Entra issues no such tokens.',
  };
}

/** `typ` is `JWT` in every Entra access token, `at+jwt` in RFC 9068. */
export function checkType(header: JsonObject): Refusal | undefined {
  const typ = header.typ;
  if (typeof typ === 'string' && TYPES.has(typ.toLowerCase())) return undefined;
  return {
    code: 'token_malformed',
    subject: 'type (typ)',
    found: shown(typ),
    expected: '"JWT" or "at+jwt"',
    hint: 'This is some other kind of token. Send the access token.',
  };
}

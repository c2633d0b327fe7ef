import { API, NOW, TENANT } from '../../support/forger.js';
import { FOREIGN_KID } from './published.js';

/*
 * The rules for a token that jose does not check, written a second time, as simply as possible and without code of the
 * core. The differential test compares the core with jose and these rules. Each rule names its source: an RFC, or a file
 * of the core, or a number of "What we promise" in SECURITY.md.
 */

/** A token that jose has accepted, as jose read it. */
export interface ReadToken {
  readonly token: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Rule {
  readonly name: string;
  readonly source: string;
  readonly holds: (token: ReadToken) => boolean;
}

const SECONDS = Math.floor(NOW / 1000);
const TOLERANCE = 60;

const isText = (value: unknown): value is string => typeof value === 'string';
const isFilled = (value: unknown): value is string => isText(value) && value.length > 0;

/** Placeholders that the cases have in place of an identifier. */
const PLACEHOLDERS = ['undefined', 'null', '0', '00000000-0000-0000-0000-000000000000'];

/** Whether a value identifies a caller. */
const identifies = (value: unknown): boolean =>
  isFilled(value) && /[^\s\p{C}]/u.test(value) && !PLACEHOLDERS.includes(value.trim());

/** Whether a value is whole seconds since 1970, in the range of a `Date`. */
function isMoment(value: unknown): value is number {
  return (
    typeof value === 'number' &&
    value % 1 === 0 &&
    value >= 0 &&
    String(new Date(value * 1000)) !== 'Invalid Date'
  );
}

/** Lists all member names and strings in a value, and its depth. Not recursive: it may be thousands of levels deep. */
function walk(value: unknown): { readonly texts: readonly string[]; readonly levels: number } {
  const texts: string[] = [];
  let levels = 0;
  const rest: { readonly value: unknown; readonly level: number }[] = [{ value, level: 1 }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value: here, level } = next;
    if (isText(here)) texts.push(here);
    if (typeof here !== 'object' || here === null) continue;
    levels = Math.max(levels, level);
    for (const [name, member] of Object.entries(here)) {
      texts.push(name);
      rest.push({ value: member, level: level + 1 });
    }
  }
  return { texts, levels };
}

/** Whether a string can be UTF-8, which has no lone surrogates. */
function isUnicode(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function words({ scp }: ReadToken['payload']): readonly string[] {
  return isText(scp) ? scp.split(' ').filter((word) => word !== '' && word !== '/') : [];
}

/** Returns the kind of a token (SECURITY.md 6). */
export function kindOf(payload: ReadToken['payload']): 'user' | 'app' | undefined {
  const { idtyp, sub, oid } = payload;
  const delegated = words(payload).length > 0;
  if (idtyp === 'user') return delegated ? 'user' : undefined;
  if (idtyp === 'app') return delegated ? undefined : 'app';
  if (idtyp !== undefined) return undefined;
  if (delegated) return 'user';
  return identifies(sub) && sub === oid ? 'app' : undefined;
}

const TEXT_CLAIMS = [
  ...['iss', 'sub', 'tid', 'oid', 'azp', 'appid', 'scp', 'idtyp', 'uti', 'ver', 'tfp', 'acr'],
  ...['xms_act_fct', 'xms_sub_fct', 'xms_par_app_azp'],
];
const LIST_CLAIMS = ['roles', 'groups', 'acrs', 'xms_cc'];

export const RULES: readonly Rule[] = [
  {
    name: 'the token has at most 16,384 characters',
    source: 'SECURITY.md 1',
    holds: ({ token }) => token.length <= 16 * 1024,
  },
  {
    name: 'every part is spelt in the one canonical way',
    source:
      'SECURITY.md 1; RFC 7515 section 2, RFC 4648 sections 3.2, 3.3 and 3.5 (jose takes padding, spaces, loose bits)',
    holds: ({ token }) =>
      token
        .split('.')
        .every((part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part),
  },
  {
    name: 'no byte order mark stands before the JSON',
    source: 'RFC 8259 section 8.1 (a parser may ignore one, and jose does)',
    holds: ({ token }) =>
      token.split('.').every(
        (part) =>
          !Buffer.from(part, 'base64url')
            .subarray(0, 3)
            .equals(Buffer.from([0xef, 0xbb, 0xbf])),
      ),
  },
  {
    name: 'the header names a key',
    source: "SECURITY.md 1 (jose takes a set's only key for a token that names none)",
    holds: ({ header }) => isFilled(header.kid),
  },
  {
    name: "the key's name has at most 256 characters",
    source: "key-id.ts: Entra's have 27 or 43",
    holds: ({ header }) => String(header.kid).length <= 256,
  },
  {
    name: 'nothing is critical',
    source:
      'SECURITY.md 1; RFC 7515 section 4.1.11 (jose knows b64, which a JWT may not use: RFC 7797 section 7)',
    holds: ({ header }) => !Object.keys(header).includes('crit'),
  },
  {
    name: 'the type is that of an access token',
    source: 'SECURITY.md 1; RFC 9068 section 4',
    holds: ({ header }) => /^(jwt|at\+jwt|application\/at\+jwt)$/i.test(isText(header.typ) ? header.typ : ''),
  },
  {
    name: 'a key that names an issuer signs for that issuer only',
    source: 'SECURITY.md 3',
    holds: ({ header }) => header.kid !== FOREIGN_KID,
  },
  {
    name: "the issuer is one of the tenant's two, letter by letter",
    source: 'SECURITY.md 4',
    holds: ({ payload }) =>
      payload.iss === `https://login.microsoftonline.com/${TENANT}/v2.0` ||
      payload.iss === `https://sts.windows.net/${TENANT}/`,
  },
  {
    name: 'the tenant is the one',
    source: 'SECURITY.md 4',
    holds: ({ payload }) => isText(payload.tid) && payload.tid.toLowerCase() === TENANT,
  },
  {
    name: 'the one audience is this API',
    source: 'SECURITY.md 5: URIs with one trailing slash more or less, GUIDs in any case',
    holds: ({ payload }) =>
      isText(payload.aud) &&
      (payload.aud.toLowerCase() === API ||
        payload.aud === `api://${API}` ||
        payload.aud === `api://${API}/`),
  },
  {
    name: 'it says when it ends, in whole seconds',
    source: 'SECURITY.md 5 (RFC 7519 section 4.1.4 leaves exp out, and so does jose)',
    holds: ({ payload }) => isMoment(payload.exp),
  },
  {
    name: 'nbf and iat are absent, or whole seconds up to its end',
    source: 'SECURITY.md 5; RFC 7519 sections 4.1.5 and 4.1.6',
    holds: ({ payload }) =>
      [payload.nbf, payload.iat].every(
        (time) => time === undefined || (isMoment(time) && !(isMoment(payload.exp) && time > payload.exp)),
      ),
  },
  {
    name: 'it was not issued in the future',
    source: 'SECURITY.md 5 (jose looks at iat only with maxTokenAge)',
    holds: ({ payload }) => !isMoment(payload.iat) || payload.iat <= SECONDS + TOLERANCE,
  },
  {
    name: 'it has an authorized party',
    source: 'SECURITY.md 6: an ID token has none',
    holds: ({ payload }) => isFilled(payload.azp) || isFilled(payload.appid),
  },
  {
    name: 'it is not bound to a key',
    source: 'SECURITY.md 6; RFC 7800',
    holds: ({ payload }) => !Object.keys(payload).includes('cnf'),
  },
  {
    name: 'it is delegated or app-only, and does not contradict itself',
    source: 'SECURITY.md 6',
    holds: ({ payload }) => kindOf(payload) !== undefined,
  },
  {
    name: 'it tells whose it is',
    source: 'SECURITY.md 6: a caller is identified by sub or oid',
    holds: ({ payload }) => identifies(payload.sub) || identifies(payload.oid),
  },
  {
    name: 'an app has an object ID',
    source: 'SECURITY.md 6',
    holds: ({ payload }) => kindOf(payload) !== 'app' || identifies(payload.oid),
  },
  {
    name: 'claims that decide have the type that Entra gives them',
    source: 'claim-types.ts',
    holds: ({ payload }) =>
      TEXT_CLAIMS.every((name) => payload[name] === undefined || isText(payload[name])) &&
      LIST_CLAIMS.map((name) => payload[name]).every(
        (list) => list === undefined || (Array.isArray(list) && list.every(isText)),
      ),
  },
  {
    name: 'nothing is nested deeper than 32 levels',
    source: 'json-object.ts: claims are copied and frozen all the way down',
    holds: ({ payload }) => walk(payload).levels <= 32,
  },
  {
    name: 'every text is Unicode',
    source: 'RFC 8259 section 8.2: what becomes of a lone surrogate is unpredictable',
    holds: ({ payload }) => walk(payload).texts.every(isUnicode),
  },
];

/** Returns the names of the rules that a token breaks. */
export function brokenRules(token: ReadToken): string[] {
  return RULES.filter((rule) => !rule.holds(token)).map((rule) => rule.name);
}

import fc from 'fast-check';
import {
  API,
  appClaims,
  DAEMON,
  ISSUED,
  SPA,
  TENANT,
  userClaims,
  v1Claims,
  v1Issuer,
} from '../../support/forger.js';
import { claimEdit, edited, type MemberEdit, parameterEdit } from './member-edits.js';
import { HONEST, SIGNERS, type SignerName } from './published.js';
import {
  COMPACT_CHANGES,
  type CompactChange,
  JSON_CHANGES,
  type JsonChange,
  SPELLING_CHANGES,
  type SpellingChange,
} from './text-changes.js';

/** How to make a token: a valid one, and the changes to it, in this order. */
export interface TokenCase {
  readonly base: keyof typeof BASES;
  readonly claims: readonly MemberEdit[];
  readonly parameters: readonly MemberEdit[];
  /** The token's length in characters, reached with an unknown claim. */
  readonly length: number | undefined;
  readonly json: readonly {
    readonly part: 'header' | 'payload';
    readonly change: JsonChange;
    readonly at: number;
  }[];
  /** Changes of the base64url before it is signed. */
  readonly spelling: readonly {
    readonly part: 'header' | 'payload';
    readonly change: SpellingChange;
    readonly at: number;
  }[];
  readonly signer: SignerName;
  readonly signature: readonly { readonly change: SpellingChange; readonly at: number }[];
  /** Changes of the token after it was signed. */
  readonly compact: readonly { readonly change: CompactChange; readonly at: number }[];
}

const { azp: _azp, azpacr: _azpacr, scp: _scp, ...idTokenClaims } = userClaims();

const BASES = {
  'a delegated v2 token': userClaims(),
  'a delegated v1 token': v1Claims(),
  'an app-only v2 token': appClaims(),
  'an app-only v1 token': {
    ...appClaims(),
    aud: `api://${API}`,
    iss: v1Issuer(TENANT),
    ver: '1.0',
    appid: DAEMON,
    azp: undefined,
  },
  'a delegated token that says so': userClaims({ idtyp: 'user' }),
  'an app-only token that says so': appClaims({ idtyp: 'app' }),
  'a managed identity': {
    ...v1Claims(),
    idtyp: 'app',
    scp: undefined,
    sub: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
    idp: v1Issuer(TENANT),
  },
  'an agent for a user': userClaims({ xms_act_fct: '9 11', xms_par_app_azp: DAEMON, idtyp: 'user' }),
  'an agent for itself': appClaims({
    xms_act_fct: '11',
    xms_sub_fct: '11',
    xms_par_app_azp: SPA,
    idtyp: 'app',
    scp: '/',
  }),
  'a guest with many groups': userClaims({
    acct: 1,
    idp: 'live.com',
    _claim_names: { groups: 'src1' },
    acrs: ['c1'],
  }),
  'a user without an object ID': userClaims({ oid: undefined }),
  'an ID token': { ...idTokenClaims, nonce: 'n-0S6' },
} as const satisfies Record<string, Readonly<Record<string, unknown>>>;

/** Returns the claims, issued long before the clock's time, so that `exp` may be moved back and stay after `nbf`. */
function claimsOf(base: TokenCase['base']): Readonly<Record<string, unknown>> {
  return { ...BASES[base], iat: ISSUED - 300, nbf: ISSUED - 300 };
}

const at = fc.nat(2000);
const part = fc.constantFrom('payload' as const, 'header' as const);
const keysOf = <T extends object>(object: T): (keyof T)[] => Object.keys(object) as (keyof T)[];

/** Generates few items, mostly none: a token with several changes is nearly always refused by both. */
function few<T>(one: fc.Arbitrary<T>, weight: number, maxLength = 2): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 100 - weight, arbitrary: fc.constant<readonly T[]>([]) },
    // The minimum is 0, so that a case can shrink to fewer changes.
    { weight, arbitrary: fc.array(one, { maxLength }) },
  );
}

/** The only critical parameter that jose supports, with the value that has no effect. */
const CRITICAL_BUT_KNOWN: readonly MemberEdit[] = [
  { name: 'crit', json: '["b64"]', place: 'instead' },
  { name: 'b64', json: 'true', place: 'instead' },
];

export const tokenCase: fc.Arbitrary<TokenCase> = fc.record({
  base: fc.constantFrom(...keysOf(BASES)),
  claims: few(claimEdit, 80, 3),
  parameters: fc.oneof(
    { weight: 199, arbitrary: few(parameterEdit, 30) },
    { weight: 1, arbitrary: fc.constant(CRITICAL_BUT_KNOWN) },
  ),
  length: fc.oneof(
    { withCrossShrink: true },
    { weight: 99, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 16_370, max: 16_400 }) },
  ),
  json: few(fc.record({ part, change: fc.constantFrom(...keysOf(JSON_CHANGES)), at }), 20),
  spelling: few(fc.record({ part, change: fc.constantFrom(...keysOf(SPELLING_CHANGES)), at }), 16, 1),
  signer: fc.oneof(
    { withCrossShrink: true },
    { weight: 9, arbitrary: fc.constantFrom(...HONEST) },
    { weight: 1, arbitrary: fc.constantFrom(...keysOf(SIGNERS)) },
  ),
  signature: few(fc.record({ change: fc.constantFrom(...keysOf(SPELLING_CHANGES)), at }), 16, 1),
  compact: few(fc.record({ change: fc.constantFrom(...keysOf(COMPACT_CHANGES)), at }), 15),
});

/** Names of all changes, as {@link changesOf} returns them. */
export const ALL_CHANGES: readonly string[] = [
  ...keysOf(BASES).map((name) => `base: ${name}`),
  ...['claim: instead', 'claim: before', 'claim: behind', 'claim: out'],
  ...['parameter: instead', 'parameter: before', 'parameter: behind', 'parameter: out'],
  'length',
  ...keysOf(JSON_CHANGES).flatMap((name) => [`json of the header: ${name}`, `json of the payload: ${name}`]),
  ...keysOf(SPELLING_CHANGES).flatMap((name) => [
    `spelling of the header: ${name}`,
    `spelling of the payload: ${name}`,
  ]),
  ...keysOf(SIGNERS).map((name) => `signer: ${name}`),
  ...keysOf(SPELLING_CHANGES).map((name) => `signature: ${name}`),
  ...keysOf(COMPACT_CHANGES).map((name) => `compact: ${name}`),
];

/** Returns the names of a case's changes. */
export function changesOf(made: TokenCase): string[] {
  const placed = ({ json, place }: MemberEdit): string => (json === undefined ? 'out' : place);
  return [
    `base: ${made.base}`,
    ...made.claims.map((edit) => `claim: ${placed(edit)}`),
    ...made.parameters.map((edit) => `parameter: ${placed(edit)}`),
    ...(made.length === undefined ? [] : ['length']),
    ...made.json.map(({ part, change }) => `json of the ${part}: ${change}`),
    ...made.spelling.map(({ part, change }) => `spelling of the ${part}: ${change}`),
    `signer: ${made.signer}`,
    ...made.signature.map(({ change }) => `signature: ${change}`),
    ...made.compact.map(({ change }) => `compact: ${change}`),
  ];
}

/** Makes the token of a case. */
export function tokenOf(made: TokenCase): string {
  const { kid, alg } = SIGNERS[made.signer];
  const header = edited({ typ: 'JWT', alg, kid }, made.parameters);
  const payload = edited(claimsOf(made.base), [...made.claims, ...filling(made, header)]);
  const signedText = `${spelt('header', header, made)}.${spelt('payload', payload, made)}`;
  const signature = made.signature.reduce(
    (text, { change, at: where }) => SPELLING_CHANGES[change](text, where),
    signatureUnder(signedText, made.signer),
  );
  return made.compact.reduce(
    (text, { change, at: where }) => COMPACT_CHANGES[change](text, where),
    `${signedText}.${signature}`,
  );
}

function spelt(which: 'header' | 'payload', json: string, made: TokenCase): string {
  const latin1 = made.json
    .filter(({ part }) => part === which)
    .reduce(
      (text, { change, at: where }) => JSON_CHANGES[change](text, where),
      Buffer.from(json).toString('latin1'),
    );
  return made.spelling
    .filter(({ part }) => part === which)
    .reduce(
      (text, { change, at: where }) => SPELLING_CHANGES[change](text, where),
      Buffer.from(latin1, 'latin1').toString('base64url'),
    );
}

/** Characters of an RSA-2048 signature (342) and the two dots. */
const SIGNATURE_LENGTH = 344;

function filling({ base, claims, length }: TokenCase, header: string): MemberEdit[] {
  if (length === undefined) return [];
  const empty: MemberEdit = { name: 'filling', json: '""', place: 'instead' };
  const headerLength = Buffer.from(header).toString('base64url').length;
  const bytes = Math.ceil(((length - headerLength - SIGNATURE_LENGTH) * 3) / 4);
  const missing = bytes - Buffer.byteLength(edited(claimsOf(base), [...claims, empty]));
  return missing > 0 ? [{ ...empty, json: `"${'x'.repeat(missing)}"` }] : [];
}

/** Signatures by signed text. Signing takes most of the time, and many cases share what is signed. */
const signatures = new Map<string, string>();
const MAX_SIGNATURES = 2000;

function signatureUnder(text: string, signer: SignerName): string {
  const key = `${signer} ${text}`;
  let signature = signatures.get(key);
  if (signature === undefined) {
    signature = SIGNERS[signer].signature(text);
    if (signatures.size < MAX_SIGNATURES) signatures.set(key, signature);
  }
  return signature;
}

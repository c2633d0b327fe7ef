import fc from 'fast-check';
import {
  API,
  appClaims,
  DAEMON,
  ISSUED,
  NOW,
  OTHER_TENANT,
  SPA,
  STRANGER,
  TENANT,
  v1Issuer,
  v2Issuer,
} from '../../support/forger.js';

/** One edit of a JSON object: a member is replaced, removed, or added again under its name. */
export interface MemberEdit {
  readonly name: string;
  /** JSON text, or `undefined` to remove the member. Text, because a value can't express `1e400`. */
  readonly json: string | undefined;
  readonly place: 'instead' | 'before' | 'behind';
}

const text = (value: unknown): string => JSON.stringify(value);
const texts = (...values: readonly unknown[]): readonly string[] => values.map(text);
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const nestedObjects = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Values that are invalid for every member. */
const HOSTILE: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-1',
    '0.5',
    '1e400',
    '-1e400',
    '9007199254740993',
    '1e21',
    '1e-400',
  ],
  ...[
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"x\\udfff"',
    '"\\ud83d\\ude00"',
    '"é"',
    '"İ"',
    '"\\u202e"',
    '"undefined"',
  ],
  ...['[]', '[null]', '[""]', '[1]', '["x"]', '["x","\\udfff"]', '[["x"]]'],
  ...[
    '{}',
    '{"a":1}',
    '{"length":1,"0":"x"}',
    '{"__proto__":{"x":1}}',
    '{"toString":"x"}',
    '{"toJSON":"x"}',
    '{"\\ud800":1}',
  ],
  ...[nested(31), nested(32), nestedObjects(31), nestedObjects(32), nested(2000)],
];

const seconds = NOW / 1000;
const oid = appClaims().oid;
const END = ISSUED + 3900;

/** Values close to valid ones, and valid ones, by claim. */
const CLAIMS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  iss: [
    ...texts(
      v2Issuer(TENANT),
      v1Issuer(TENANT),
      v2Issuer(OTHER_TENANT),
      v1Issuer(OTHER_TENANT),
      `${v2Issuer(TENANT)}/`,
    ),
    ...texts(
      v1Issuer(TENANT).slice(0, -1),
      v2Issuer(TENANT).replace('login', 'LOGIN'),
      v2Issuer(TENANT.toUpperCase()),
    ),
    ...texts(v2Issuer(TENANT).replace('https', 'http'), `${v2Issuer(TENANT)}?x=1`, `${v2Issuer(TENANT)}#x`),
    ...texts(
      v2Issuer(TENANT).replace('.com', '.com:443'),
      v2Issuer(TENANT).replace('//', '//x@'),
      ` ${v2Issuer(TENANT)}`,
    ),
    ...texts(
      v2Issuer(TENANT).replace('.com', '.com.'),
      v2Issuer(TENANT).replace('.com/', '.com/./'),
      v2Issuer('{tenantid}'),
    ),
    ...texts(
      v2Issuer('common'),
      `https://evil.example/${TENANT}/v2.0`,
      `https://login.microsoftonline.us/${TENANT}/v2.0`,
    ),
    ...texts(`https://login.microsoftonline.com/${OTHER_TENANT}/${TENANT}/v2.0`, TENANT, [v2Issuer(TENANT)]),
    undefined,
  ],
  tid: [
    ...texts(TENANT, TENANT.toUpperCase(), OTHER_TENANT, '', `${TENANT} `, `{${TENANT}}`, [TENANT]),
    undefined,
  ],
  aud: [
    ...texts(
      API,
      API.toUpperCase(),
      `api://${API}`,
      `api://${API}/`,
      `api://${API}//`,
      `${API}/`,
      `${API.toUpperCase()}/`,
    ),
    ...texts(
      `api://${API.toUpperCase()}`,
      `API://${API}`,
      `api://${API}/Orders.Read`,
      `${API} `,
      ` ${API}`,
      [API],
      [API, SPA],
    ),
    ...texts(
      [`api://${API}`],
      { aud: API },
      SPA,
      '00000003-0000-0000-c000-000000000000',
      'https://graph.microsoft.com',
      '/',
    ),
    undefined,
  ],
  exp: [
    ...texts(
      END,
      seconds + 1,
      seconds,
      seconds - 59,
      seconds - 60,
      seconds - 61,
      seconds - 3600,
      seconds + 0.5,
      seconds - 60.5,
    ),
    ...texts(8.64e12, 8.64e12 + 1, Number.MAX_SAFE_INTEGER, String(END), [END], { valueOf: END }),
    ...[`${END}.0`, `${END}e0`, `${END}.00000000000001`, '17900039e2', '1E400', undefined],
  ],
  nbf: [
    ...texts(
      ISSUED,
      seconds - 300,
      seconds,
      seconds + 59,
      seconds + 60,
      seconds + 61,
      seconds + 60.5,
      ISSUED + 0.5,
    ),
    ...texts(END, END + 1, String(ISSUED), [ISSUED]),
    ...[`${ISSUED}.0`, undefined],
  ],
  iat: [
    ...texts(
      ISSUED,
      seconds - 300,
      seconds,
      seconds + 59,
      seconds + 60,
      seconds + 61,
      seconds + 60.5,
      ISSUED + 0.5,
    ),
    ...texts(END, END + 1, String(ISSUED), [ISSUED]),
    ...[`${ISSUED}.0`, undefined],
  ],
  azp: [...texts(SPA, SPA.toUpperCase(), DAEMON, '', ' ', [SPA]), undefined],
  appid: [...texts(SPA, SPA.toUpperCase(), DAEMON, '', ' ', [SPA]), undefined],
  scp: [
    ...texts(
      'Orders.Read',
      'Orders.Read Orders.Write',
      '',
      '/',
      ' ',
      '/ /',
      '/ Orders.Read',
      '\t',
      '\u00a0',
      ['Orders.Read'],
    ),
    undefined,
  ],
  idtyp: [...texts('user', 'app', 'device', '', 'APP', 'User', 'app ', ['app']), undefined],
  sub: [...texts('FAKE-pairwise-sub', oid, String(oid).toUpperCase(), '', [oid]), undefined],
  oid: [...texts(oid, String(oid).toUpperCase(), 'FAKE-pairwise-sub', '', [oid]), undefined],
  roles: [
    ...texts(['Orders.Read.All'], [], [''], 'Orders.Read.All', ['a', 1], { 0: 'a', length: 1 }),
    undefined,
  ],
  groups: [...texts([TENANT], [], TENANT, [TENANT, null], true), undefined],
  ver: [...texts('1.0', '2.0', '3.0', '', 1, 2), undefined],
  cnf: [...texts({ kid: 'thumbprint' }, { 'x5t#S256': 'thumbprint' }, {}, null, '', false), undefined],
  acrs: texts(['c1'], [], 'c1', ['c1', 1]),
  xms_cc: texts(['cp1'], [], 'cp1', [['cp1']]),
  acr: texts('0', '1', 1, 'B2C_1_signin'),
  tfp: texts('B2C_1_signin', '', 1),
  uti: texts('FAKEuti', '', 1),
  xms_act_fct: texts('11', '9 11 3', '', 'x', 11),
  xms_sub_fct: texts('11', '13', '', 13),
  xms_par_app_azp: texts(DAEMON, '', 1),
  acct: texts(0, 1, '1', 2),
  hasgroups: texts(true, 'true', false),
  _claim_names: texts({ groups: 'src1' }, 'groups', []),
  name: texts('Ada', 'é😀', '../../etc/passwd', '{{7*7}}'),
};

/** Values close to valid ones, and valid ones, by header parameter. */
const PARAMETERS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  alg: [
    ...texts('RS256', 'none', 'None', 'HS256', 'PS256', 'RS512', 'RS384', 'ES256', 'rs256', 'RS256 ', [
      'RS256',
    ]),
    undefined,
  ],
  kid: [
    ...texts('published', 'second', 'stranger', 'twin', 'foreign', 'PUBLISHED', '', 'published ', [
      'published',
    ]),
    ...texts(
      'for encryption',
      'for PS256',
      'weak',
      '../published',
      '__proto__',
      'constructor',
      'k'.repeat(256),
      'k'.repeat(300),
    ),
    undefined,
  ],
  typ: [
    ...texts(
      'JWT',
      'jwt',
      'at+jwt',
      'AT+JWT',
      'application/at+jwt',
      'application/jwt',
      'dpop+jwt',
      'id+jwt',
      'pop',
      '',
      ['JWT'],
    ),
    undefined,
  ],
  crit: texts([], ['b64'], ['exp'], ['b64', 'b64'], 'b64', ['alg'], ['__proto__'], null, {}),
  b64: texts(true, false, 'true', null),
  cty: texts('JWT', 'at+jwt', 1),
  jwk: texts(STRANGER.jwk, {}, null),
  jku: texts('https://evil.example/keys'),
  x5u: texts('https://evil.example/certificate'),
  x5c: texts(['MIIB'], 'MIIB'),
  x5t: texts('published', 1),
  nonce: texts('n-0S6', 1),
  zip: texts('DEF'),
  enc: texts('A256GCM'),
};

const STRANGE_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  '',
  '0',
  'é',
  '\ud800',
  'EXP',
  'Scp',
];

const place = fc.oneof(
  { weight: 8, arbitrary: fc.constant('instead' as const) },
  { weight: 1, arbitrary: fc.constant('before' as const) },
  { weight: 1, arbitrary: fc.constant('behind' as const) },
);

/** Generates edits of members with these names, and of some unknown members. */
function memberEdit(
  known: Readonly<Record<string, readonly (string | undefined)[]>>,
): fc.Arbitrary<MemberEdit> {
  const near = fc
    .constantFrom(...Object.entries(known))
    .chain(([name, values]) =>
      fc.record({ name: fc.constant(name), json: fc.constantFrom(...values), place }),
    );
  const hostile = fc.record({
    name: fc.constantFrom(...Object.keys(known)),
    json: fc.constantFrom(...HOSTILE),
    place,
  });
  const strange = fc.record({
    name: fc.oneof(fc.constantFrom(...STRANGE_NAMES), fc.string({ unit: 'binary', maxLength: 8 })),
    json: fc.oneof(fc.constantFrom(...HOSTILE), fc.json({ maxDepth: 3 })),
    place,
  });
  return fc.oneof(
    { weight: 6, arbitrary: near },
    { weight: 1, arbitrary: hostile },
    { weight: 2, arbitrary: strange },
  );
}

export const claimEdit: fc.Arbitrary<MemberEdit> = memberEdit(CLAIMS);
export const parameterEdit: fc.Arbitrary<MemberEdit> = memberEdit(PARAMETERS);

/** Returns the JSON text of an object with the edits applied. */
export function edited(members: Readonly<Record<string, unknown>>, edits: readonly MemberEdit[]): string {
  let list = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, text(value)] as const],
  );
  for (const { name, json, place } of edits) {
    if (place === 'instead') list = list.filter(([other]) => other !== name);
    if (json === undefined) continue;
    if (place === 'before') list = [[name, json], ...list];
    else list = [...list, [name, json]];
  }
  return `{${list.map(([name, json]) => `${text(name)}:${json}`).join(',')}}`;
}

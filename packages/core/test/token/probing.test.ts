import {
  createGuard,
  createValidator,
  type LogEntry,
  toHttp,
  type ValidatorOptions,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  type Documents,
  documents,
  type Json,
  KEY,
  makeKey,
  NOW,
  OTHER_TENANT,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v1Claims,
  v1Issuer,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf } from '../../../../test/support/outcome.js';

const UNLISTED = 'cccccccc-0000-4000-8000-000000000000';
const GONE = 'dddddddd-0000-4000-8000-000000000000';

const NEW = makeKey('new');
const NEWER = makeKey('newer');

/** A validator with a clock, and the answers that callers get from it. */
function api(tenancy: (base: object) => unknown, docs = bothListed()) {
  let time = NOW;
  const base = { clientId: API, fetch: docs.fetch, now: () => time, log: false };
  const validator = createValidator(tenancy(base) as ValidatorOptions);
  return {
    docs,
    validator,
    wait: (seconds: number) => {
      time += seconds * 1000;
    },
    answerTo: async (token: string) => {
      const { status, headers, body } = toHttp(await refusalOf(validator, token));
      return { status, headers, body };
    },
    statusOf: async (token: string) => {
      const { status, headers } = toHttp(await refusalOf(validator, token));
      return [status, headers['Retry-After']];
    },
  };
}

const bothListed = (): Documents => documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) });
const list = (base: object) => ({ ...base, tenants: [TENANT, OTHER_TENANT] });
const pair = (base: object) => [
  { ...base, tenantId: TENANT },
  { ...base, tenantId: OTHER_TENANT },
];

const of = (tenant: string, changes: Json = {}): Json =>
  userClaims({ tid: tenant, iss: v2Issuer(tenant), ...changes });
/** A token whose key ID is made up. */
const madeUp = (claims: Json, kid = 'made-up'): string => signed(claims, { kid }, { key: STRANGER });

describe.each([
  ['a list of tenants', list],
  ['several authorities', pair],
])('with a made-up key ID no caller finds out who is a customer: %s', (_, tenancy) => {
  const claims: [string, (tenant: string) => Json][] = [
    ['a v2 token', (tenant) => of(tenant)],
    ['a v1 token', (tenant) => v1Claims({ tid: tenant, iss: v1Issuer(tenant) })],
    ['a token that is long issued', (tenant) => of(tenant, { iat: NOW / 1000 - 86_400 })],
    ['an issuer that its tenant does not have', (tenant) => of(tenant, { iss: `${v2Issuer(tenant)}/` })],
    ['another of its hosts', (tenant) => of(tenant, { iss: `https://login.windows.net/${tenant}/v2.0` })],
  ];

  it.each(claims)('%s: the answers are the same, one after the other', async (_, claimsOf) => {
    const [customer, stranger] = [api(tenancy), api(tenancy)];
    for (const pause of [0, 0, 10, 19, 1, 29, 45, 0]) {
      customer.wait(pause);
      stranger.wait(pause);
      expect(await stranger.answerTo(madeUp(claimsOf(UNLISTED)))).toEqual(
        await customer.answerTo(madeUp(claimsOf(TENANT))),
      );
    }
  });

  it('within the cool-down all wait for the same time, and after it none', async () => {
    const { answerTo, statusOf, wait } = api(tenancy);
    const answer = await answerTo(madeUp(of(TENANT)));
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_not_accepted' } });
    for (const [pause, left] of [
      [0, '30'],
      [10, '20'],
      [19.5, '1'],
    ] as const) {
      wait(pause);
      for (const tenant of [TENANT, OTHER_TENANT, UNLISTED, GONE]) {
        expect(await statusOf(madeUp(of(tenant)))).toEqual([503, left]);
      }
    }
    // Looked at 10 s after the first, the other tenant has not cooled down alone.
    for (const tenant of [OTHER_TENANT, UNLISTED, TENANT]) {
      wait(30);
      expect(await answerTo(madeUp(of(tenant)))).toEqual(answer);
      expect(await statusOf(madeUp(of(tenant)))).toEqual([503, '30']);
    }
  });

  it('tokens that come together are told apart by nothing', async () => {
    const answersOf = async (tenant: string) => {
      const { statusOf } = api(tenancy);
      return Promise.all([1, 2, 3].map(() => statusOf(madeUp(of(tenant)))));
    };
    expect(await answersOf(UNLISTED)).toEqual(await answersOf(TENANT));
  });

  it('a tenant that is not listed makes the authority be asked nothing', async () => {
    const { answerTo, docs, wait } = api(tenancy);
    for (let count = 0; count < 5; count++) {
      await answerTo(madeUp(of(UNLISTED), `made-up-${count}`));
      wait(20);
    }
    expect(docs.asked).toEqual([]);
  });

  it.each([
    ['another audience', { aud: 'api://another' }],
    ['that has expired', { exp: NOW / 1000 - 600, iat: undefined, nbf: undefined }],
    ['without an authorized party', { azp: undefined }],
    ['of another tenant than its issuer', { tid: GONE }],
    ['of no tenant', { tid: undefined }],
    ['from elsewhere', { iss: `https://evil.example/${UNLISTED}/v2.0` }],
    ['whose issuer names no tenant', { iss: 'https://login.microsoftonline.com/common/v2.0' }],
  ])('a token %s is refused at once, since a customer’s is, too', async (_, changes) => {
    const { statusOf } = api(tenancy);
    const begin = madeUp(of(UNLISTED));
    expect([await statusOf(begin), await statusOf(begin)]).toEqual([
      [401, undefined],
      [503, '30'],
    ]);
    expect(await statusOf(madeUp(of(UNLISTED, changes)))).toEqual([401, undefined]);
    expect(await statusOf(madeUp(of(TENANT, { ...changes, ...inPlace(changes) })))).toEqual([401, undefined]);
  });

  it('a token with a key that is known is refused at once, whatever its tenant is', async () => {
    const { validator, statusOf } = api(tenancy);
    expect(await outcomeOf(validator, signed(of(TENANT)))).toBe('accepted');
    await statusOf(madeUp(of(TENANT)));
    expect(await statusOf(madeUp(of(UNLISTED)))).toEqual([503, '30']);
    for (const tenant of [TENANT, OTHER_TENANT, UNLISTED]) {
      expect(await statusOf(madeUp(of(tenant), KEY.kid))).toEqual([401, undefined]);
    }
  });

  it('a new key is found within the cool-down that others began, and at once after it', async () => {
    const { docs, validator, statusOf, wait } = api(tenancy);
    await outcomeOf(validator, signed(of(TENANT)));
    await statusOf(madeUp(of(UNLISTED)));
    const key = NEW;
    for (const [url, page] of Object.entries(tenantPages(TENANT, [KEY, key]))) docs.pages.set(url, page);
    expect(await outcomeOf(validator, signed(of(TENANT), {}, { key }))).toBe('accepted');
    wait(31);
    for (const [url, page] of Object.entries(tenantPages(TENANT, [KEY, NEWER]))) docs.pages.set(url, page);
    expect(await outcomeOf(validator, signed(of(TENANT), {}, { key: NEWER }))).toBe('accepted');
    // It was not made up, so nothing began.
    expect(await statusOf(madeUp(of(UNLISTED)))).toEqual([401, undefined]);
  });

  it('junk for all of them makes the authority be asked no more than their own cool-downs allow', async () => {
    const { docs, validator, answerTo, wait } = api(tenancy);
    for (const tenant of [TENANT, OTHER_TENANT]) await outcomeOf(validator, signed(of(tenant)));
    const before = docs.asked.length;
    for (let second = 0; second < 120; second++) {
      for (const tenant of [UNLISTED, TENANT, OTHER_TENANT]) await answerTo(madeUp(of(tenant)));
      wait(1);
    }
    expect(docs.asked.length - before).toBeLessThanOrEqual(2 * 4 + 4);
  });

  it('after the clock was set back no cool-down holds', async () => {
    const { statusOf, wait } = api(tenancy);
    await statusOf(madeUp(of(UNLISTED)));
    wait(-1);
    expect(await statusOf(madeUp(of(UNLISTED)))).toEqual([401, undefined]);
  });
});

/** That fault in the token of a customer. */
function inPlace({ iss }: Json): Json {
  return typeof iss === 'string' ? { iss: iss.replace(UNLISTED, TENANT) } : {};
}

it.each([
  ['External ID', 'contoso.ciamlogin.com', (tenant: string) => `${tenant}.ciamlogin.com`],
  ['a custom domain', 'login.contoso.example', () => 'login.contoso.example'],
])('authorities of several kinds have a cool-down each: %s', async (_, host, hostOf) => {
  const issuerOf = (tenant: string): string => `https://${hostOf(tenant)}/${tenant}/v2.0`;
  const { statusOf } = api(
    (base) => [
      { ...base, authority: `https://${host}/${GONE}/v2.0` },
      { ...base, tenantId: TENANT },
    ],
    documents({
      ...tenantPages(),
      [`https://${host}/${GONE}/v2.0/.well-known/openid-configuration`]: {
        issuer: issuerOf(GONE),
        jwks_uri: `https://${host}/keys`,
      },
      [`https://${host}/keys`]: { keys: [KEY.jwk] },
    }),
  );
  const external = (tenant: string): string => madeUp(of(tenant, { iss: issuerOf(tenant) }));
  expect(await statusOf(external(GONE))).toEqual([401, undefined]);
  expect(await statusOf(external(GONE))).toEqual([503, '30']);
  expect(await statusOf(external(UNLISTED))).toEqual([503, '30']);
  expect(await statusOf(madeUp(of(UNLISTED)))).toEqual([401, undefined]);
  expect(await statusOf(madeUp(of(TENANT)))).toEqual([503, '30']);
});

it('while a process has looked for too many keys, a tenant that is not listed waits as the others do', async () => {
  const tenants = Array.from(
    { length: 70 },
    (_, n) => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`,
  );
  const docs = documents(Object.assign({}, ...tenants.map((tenant) => tenantPages(tenant))));
  const { statusOf, wait } = api((base) => ({ ...base, tenants, keys: { coolDown: 1 } }), docs);
  for (const tenant of tenants) await statusOf(madeUp(of(tenant)));
  for (const tenant of tenants) await statusOf(madeUp(of(tenant), 'again'));
  wait(1);
  expect(await statusOf(madeUp(of(UNLISTED)))).toEqual(await statusOf(madeUp(of(tenants[69] as string))));
  expect(await statusOf(madeUp(of(UNLISTED)))).toEqual([503, '1']);
});

it('the log says which tenant is not accepted, and the answer does not', async () => {
  const entries: LogEntry[] = [];
  const docs = bothListed();
  const guard = createGuard({
    tenants: [TENANT, OTHER_TENANT],
    clientId: API,
    fetch: docs.fetch,
    now: () => NOW,
    log: (entry) => entries.push(entry),
  });
  const headers = { authorization: `Bearer ${madeUp(of(UNLISTED))}` };
  const errors = [];
  for (let count = 0; count < 2; count++) {
    errors.push(await guard.authenticate({ headers }).catch((error: unknown) => error));
  }
  expect(entries).toMatchObject([
    { code: 'tenant_not_accepted', message: expect.stringContaining(UNLISTED) },
    { code: 'keys_unavailable', cause: expect.stringContaining(`found "${UNLISTED}"`) },
  ]);
  const [refused, later] = errors as [Error, Error];
  for (const shown of [
    JSON.stringify([toHttp(later), later, { ...refused }]),
    `${refused.stack}${later.stack}`,
  ]) {
    expect(shown).not.toContain(UNLISTED);
    expect(shown).not.toContain(TENANT);
  }
});

it('one tenant, whose tokens are the only ones, is told as ever', async () => {
  const { statusOf, docs } = api((base) => ({ ...base, tenantId: TENANT }));
  for (let count = 0; count < 3; count++) {
    expect(await statusOf(madeUp(of(UNLISTED)))).toEqual([401, undefined]);
  }
  expect(docs.asked).toEqual([]);
});

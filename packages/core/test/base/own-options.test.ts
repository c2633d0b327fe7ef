import { afterEach, describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  API,
  appClaims,
  DAEMON,
  OTHER_API,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import type { GuardOptions } from '../../src/guard/guard-options.js';
import {
  allOf,
  authenticated,
  authorize,
  type CheckContext,
  check,
  createGuard,
  createValidator,
  definePermissions,
  evaluate,
  explain,
  type LogEntry,
  members,
  noAgents,
  optionsFromEnv,
  ownOptions,
  scopes,
  TokenError,
  toHttp,
} from '../../src/index.js';
import { createMigrationGuard } from '../../src/migration.js';
import { resolveSettings } from '../../src/options/settings.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import { daemon, user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

/** What an attacker, through some other library, would put on every object. */
const HOSTILE: Readonly<Record<string, unknown>> = {
  tenantId: 'bbbbcccc-1111-dddd-2222-eeee3333ffff',
  tenants: 'any-organization',
  authority: 'https://evil.example/bbbbcccc-1111-dddd-2222-eeee3333ffff/v2.0',
  clientId: OTHER_API,
  applicationIdUri: 'api://evil',
  audience: [OTHER_API],
  cloud: 'china',
  policies: ['B2C_1_evil'],
  appClients: [DAEMON],
  customSigningKeys: true,
  clockTolerance: 300,
  algorithms: ['PS256'],
  fetch: () => {
    throw new Error('asked');
  },
  now: () => 0,
  log: false,
  keys: { softAge: '1d' },
  softAge: '1d',
  hardAge: '9999d',
  coolDown: 900,
  timeout: 0.01,
  maxBytes: 1024,
  seed: { version: 1, documents: [] },
  cache: false,
  maxEntries: 1,
  maxAge: 1,
  isRevoked: () => false,
  owner: { team: 'Evil' },
  team: 'Evil',
  contact: 'evil@example',
  onCall: 'evil@example',
  explain: true,
  auditClaims: ['email'],
  correlationId: () => 'evil',
  groupsOf: async () => ['evil'],
  loadUser: () => ({ evil: true }),
  shared: { groupsOf: async () => ['evil'] },
  validator: { validate: async () => user({ scp: 'Orders.Read' }) },
  authorities: [contoso({ clientId: OTHER_API })],
  optional: true,
  unassignedApps: true,
  unknown: 'allow',
  otherwise: 'not-found',
  request: { evil: true },
  resolve: async () => 'evil',
  realm: 'evil',
  requirement: scopes('Evil'),
  audiences: [OTHER_API],
  issuers: ['https://evil.example'],
  version: 'v1',
  readBodyTokens: true,
  allowIdTokens: true,
  allowOtherPolicies: true,
  roles: ['Orders.Read'],
  objectId: TENANT,
  guest: false,
  api: 'api://evil',
  consent: 'user',
  appRoles: {},
  preAuthorized: [],
  AZURE_CLIENT_SECRET: 'set',
  ENTRA_GUARD_CLIENT_ID: OTHER_API,
};

afterEach(() => {
  for (const name of Object.keys(HOSTILE)) delete (Object.prototype as Record<string, unknown>)[name];
});

function pollute(name: string): void {
  Object.defineProperty(Object.prototype, name, {
    value: HOSTILE[name],
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

const concealed = new TokenError({
  code: 'tenant_not_accepted',
  message: 'secret',
  hint: 'secret',
  concealed: true,
});
const bearer = (claims: Readonly<Record<string, unknown>>) => ({
  headers: { authorization: `Bearer ${signed(claims)}` },
});
const idToken = userClaims({ azp: undefined });
const outcome = async (decision: () => unknown): Promise<unknown> => {
  try {
    return JSON.stringify((await decision()) ?? null);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code}: ${message}`;
  }
};

/** All that options decide, as one text. */
async function answers(): Promise<string> {
  const entries: LogEntry[] = [];
  const options = contoso({ log: (entry: LogEntry) => void entries.push(entry) });
  const guard = createGuard(options as GuardOptions);
  const seen: unknown[] = [];
  const looks = check('looks', async ({ request, resolve }: CheckContext) => {
    seen.push(request, await resolve('x').catch(() => 'none'));
    return false;
  });
  const outcomes = [
    () => guard.authenticate({ headers: {} }),
    () => guard.authenticate({ headers: {} }, {}),
    () => guard.authenticate(bearer(userClaims({ aud: OTHER_API }))),
    () => guard.authenticate(bearer(idToken)),
    () => guard.authenticate(bearer(userClaims({ exp: 1 }))),
    () => guard.require(bearer(appClaims({ roles: undefined })), authenticated()),
    () => guard.require(bearer(userClaims({ acct: undefined })), allOf(scopes('Orders.Read'), members())),
    () => guard.require(bearer(userClaims()), allOf(scopes('Orders.Read'), noAgents())),
    () => guard.require(bearer(userClaims()), allOf(scopes('Orders.Read'), looks)),
    () => authorize(allOf(scopes('Orders.Read'), looks), user()),
    () => evaluate(scopes('A'), daemon()),
    () => toHttp(concealed),
    () => guard.toHttp(concealed),
    () => standInGuard(null).authenticate({ headers: {} }),
    () => guard.userOf({ headers: {} }, {}, user()),
    () => createMigrationGuard(options, {}).authenticate(bearer(idToken)),
    () => createMigrationGuard(options, {}, {}).authenticate(bearer(userClaims({ aud: OTHER_API }))),
    () => explain(signed(userClaims({ aud: OTHER_API })), contoso()),
    () => testAuth({ kind: 'user' } as never),
    () => createValidator({} as never),
    () => createGuard({} as never),
    () => definePermissions({} as never),
    () => optionsFromEnv({ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: API }),
    () => optionsFromEnv({}),
    () => {
      const { fetch, now, log, ...rest } = resolveSettings({
        ...contoso(),
        keys: {},
        cache: {},
        owner: { team: 'Orders' },
      });
      const { accepted, ...audiences } = rest.audiences;
      const own = { ...rest, audiences, accepted: [...accepted], owner: { ...rest.owner } };
      return [own, fetch === contoso().fetch, now(), log];
    },
  ];
  const results: unknown[] = [];
  for (const one of outcomes) results.push(await outcome(one));
  return JSON.stringify([results, seen, entries.map((entry) => ({ ...entry }))], null, 1);
}

describe('what stands on every object is not an option', () => {
  it.each(Object.keys(HOSTILE))('%s changes nothing', async (name) => {
    const before = await answers();
    pollute(name);
    const after = await answers();
    delete (Object.prototype as Record<string, unknown>)[name];
    expect(after).toBe(before);
  });
});

describe('an option that a class gives is not lost silently', () => {
  class Options {
    readonly tenantId = TENANT;
    readonly clientId = API;
    get audience(): string {
      return 'https://api.contoso.com';
    }
    describe(): string {
      return 'a method of another name is none';
    }
  }

  it.each<[string, () => unknown]>([
    ['a getter', () => createValidator(new Options())],
    [
      'a method',
      () =>
        createGuard(
          new (class extends Object {
            readonly tenantId = TENANT;
            readonly clientId = API;
            isRevoked(): boolean {
              return true;
            }
          })(),
        ),
    ],
    [
      'an object that is inherited from',
      () => createValidator(Object.create({ ...contoso(), isRevoked: () => true })),
    ],
    ['one of a call', () => members(Object.create({ unknown: 'allow' }))],
  ])('%s', (_, build) => {
    expect(configurationSentence(build)).toMatch(/has the option '\w+' from its prototype.*plain object/);
  });

  it('a member of its own is one, and what is not an option may be inherited', () => {
    class Fields {
      readonly tenantId = TENANT;
      readonly clientId = API;
      describe(): string {
        return this.tenantId;
      }
    }
    expect(resolveSettings(new Fields()).tenancy).toEqual({ kind: 'single', tenant: TENANT });
    expect(ownOptions('x', new Fields())).toEqual({ tenantId: TENANT, clientId: API });
    expect(Object.getPrototypeOf(ownOptions('x', {}))).toBeNull();
    expect(configurationSentence(() => ownOptions('x', new Options()))).toContain("'audience'");
    expect(ownOptions('x', Object.assign(Object.create({ a: 1 }), { a: 2 }))).toEqual({ a: 2 });
  });
});

it.each(['yes', 1, {}])('only an exact true makes credentials optional: %j', async (optional) => {
  const guard = createGuard(contoso());
  const refusal = await refusalOf(guard.authenticate({ headers: {} }, { optional: optional as never }));
  expect(refusal.code).toBe('credentials_missing');
  expect(await guard.authenticate({ headers: {} }, { optional: true })).toBeUndefined();
});

it.each([
  ['null', null],
  ['a string', 'secret'],
  ['a function', () => {}],
])('what is not an object is not options, and is not repeated: %s', (_, given) => {
  expect(() => ownOptions('startEntra()', given as never)).toThrow(
    `startEntra() was given ${given === null ? 'null' : typeof given} instead of options. Pass an object, or nothing.`,
  );
});

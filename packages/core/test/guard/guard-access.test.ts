import { afterEach, describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { API, NOW, OTHER_TENANT, signed, TENANT, userClaims } from '../../../../test/support/forger.js';
import {
  createGuard,
  createValidator,
  type DecisionEvent,
  type GuardOptions,
  onEvent,
  type ValidatorOptions,
} from '../../src/index.js';
import { guardAccessOf } from '../../src/mcp.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const accessOf = (changes: Partial<GuardOptions> = {}) =>
  guardAccessOf(createGuard({ ...contoso(), ...changes } as GuardOptions));
const authoritiesOf = (options: object) =>
  guardAccessOf(createGuard({ clientId: API, log: false, ...options } as ValidatorOptions)).authorities;
const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const without = () => ({ headers: {} });
const overage = { groups: undefined, _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } };

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});
function decided(): readonly DecisionEvent[] {
  const events: DecisionEvent[] = [];
  endings.push(onEvent((event) => events.push(event), { types: ['decision'] }));
  return events;
}

describe('a guard tells a host', () => {
  it.each<[string, object, object]>([
    [
      'one tenant',
      { tenantId: TENANT, applicationIdUri: 'https://mcp.contoso.com/mcp' },
      {
        clientId: API,
        applicationIdUri: 'https://mcp.contoso.com/mcp',
        authority: `https://login.microsoftonline.com/${TENANT}/v2.0`,
        tenant: TENANT,
        isB2c: false,
      },
    ],
    [
      'a national cloud',
      { tenantId: TENANT, cloud: 'usgov' },
      { authority: `https://login.microsoftonline.us/${TENANT}/v2.0` },
    ],
    ['a domain', { tenantId: 'contoso.onmicrosoft.com' }, { tenant: 'contoso.onmicrosoft.com' }],
    ['a list of one', { tenants: [TENANT] }, { tenant: TENANT }],
    ['a list of several', { tenants: [TENANT, OTHER_TENANT] }, { authority: undefined, tenant: undefined }],
    ['any tenant', { tenants: 'any-organization' }, { authority: undefined, tenant: undefined }],
    [
      'an authority',
      { authority: `http://localhost:8080/${TENANT.toUpperCase()}/v2.0/` },
      { authority: `http://localhost:8080/${TENANT.toUpperCase()}/v2.0`, tenant: TENANT },
    ],
    [
      'B2C',
      { authority: 'https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin/v2.0' },
      { tenant: undefined, isB2c: true },
    ],
  ])('whose tokens it accepts: %s', (_, options, facts) => {
    expect(authoritiesOf(options)).toMatchObject([facts]);
  });

  it('nothing of the authorities of a validator of another maker, and of a stand-in', () => {
    const validator = { ...createValidator(contoso()), validate: async () => testAuth({ kind: 'app' }) };
    expect(guardAccessOf(createGuard({ validator })).authorities).toEqual([]);
    expect(guardAccessOf(standInGuard(testAuth({ kind: 'app' }))).authorities).toEqual([]);
  });

  it('its clock and its log', () => {
    const log = () => {};
    expect(accessOf({ log })).toMatchObject({ log });
    expect(accessOf().now()).toBe(NOW);
  });
});

it('a caller is identified ahead of the decision, and the decision is the one event', async () => {
  const access = accessOf();
  const events = decided();
  const request = bearing(signed(userClaims()));
  const auth = await access.identify(request, { handler: 'POST /mcp' });
  expect(events).toEqual([]);
  expect(access.guard.authOf(request)).toBe(auth);
  await access.guard.authenticate(request, { handler: 'tools/list' });
  expect(events).toMatchObject([{ outcome: 'allow', handler: 'tools/list' }]);
});

it('a refusal while identifying is the one event', async () => {
  const access = accessOf();
  const events = decided();
  expect((await refusalOf(access.identify(bearing('x.y.z'), { handler: 'POST /mcp' }))).status).toBe(401);
  expect((await refusalOf(access.identify(without(), {}))).code).toBe('credentials_missing');
  expect(events).toMatchObject([{ outcome: 'deny', handler: 'POST /mcp' }, { outcome: 'deny' }]);
});

it('no credentials are fine only where that was said, and then there is no event yet', async () => {
  const events = decided();
  expect(await accessOf().identify(without(), { optional: true })).toBeUndefined();
  expect(events).toEqual([]);
});

it('groups are found out for users who have too many for a token', async () => {
  const groupsOf = async () => ['AAAA'];
  const access = accessOf({ groupsOf });
  const many = await access.identify(bearing(signed(userClaims(overage))), {});
  const few = await access.identify(bearing(signed(userClaims())), {});
  if (many === undefined || few === undefined) throw new Error('not authenticated');
  expect(await access.groupsOf(many)).toEqual(new Set(['aaaa']));
  expect(await access.groupsOf(few)).toBeUndefined();
  expect(await accessOf().groupsOf(many)).toBeUndefined();
});

it.each([undefined, null, 'guard', {}])('anything but a guard is refused: %s', (given) => {
  expect(configurationSentence(() => guardAccessOf(given))).toContain(
    'guard is not a guard of this project.',
  );
});

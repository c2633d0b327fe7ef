import { describe, expect, it } from 'vitest';
import { ADA, ISSUED, NOW, OTHER_TENANT, SPA, TENANT, v1Issuer } from '../../../../test/support/forger.js';
import { type AuthContext, memoryRevocations, type Target } from '../../src/index.js';
import { keyFor, kindOf, readTarget, tenantOf } from '../../src/revocation/target.js';
import { daemon, user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const BLUEPRINT = 'dddddddd-3333-4444-5555-eeeeeeeeeeee';
const SERVICE = 'cccccccc-2222-3333-4444-dddddddddddd';
const because = 'left the company';
const expiresAt = (ISSUED + 3900) * 1000;

const ada = user({ sid: 'Session-1', uti: 'Token-1' });
const adaAsV1 = user({ iss: v1Issuer(TENANT), azp: undefined, appid: SPA.toUpperCase(), ver: '1.0' });
const stranger = user({ oid: SERVICE, tid: OTHER_TENANT, uti: 'Token-2', azp: BLUEPRINT });
const elsewhere = user({ tid: OTHER_TENANT, sid: 'Session-1', uti: 'Token-1' });
const agent = daemon({ xms_par_app_azp: BLUEPRINT.toUpperCase(), sid: 7 });
const b2c = user({ oid: undefined, uti: undefined });

const CALLERS: Readonly<Record<string, AuthContext>> = { ada, adaAsV1, stranger, elsewhere, agent, b2c };

describe('a ban', () => {
  it.each<[Target, readonly string[]]>([
    [{ user: ADA, tenantId: TENANT }, ['ada', 'adaAsV1']],
    [{ user: ADA.toUpperCase(), tenantId: TENANT.toUpperCase() }, ['ada', 'adaAsV1']],
    [{ user: ADA, tenantId: OTHER_TENANT }, ['elsewhere']],
    [{ servicePrincipal: SERVICE, tenantId: TENANT }, ['agent']],
    // Object IDs of users and service principals are of one directory.
    [{ user: SERVICE, tenantId: TENANT }, ['agent']],
    [{ client: SPA }, ['ada', 'adaAsV1', 'elsewhere', 'b2c']],
    [{ client: SPA, tenantId: OTHER_TENANT }, ['elsewhere']],
    [{ agentBlueprint: BLUEPRINT }, ['agent']],
    [{ agentBlueprint: BLUEPRINT, tenantId: TENANT }, ['agent']],
    [{ agentBlueprint: BLUEPRINT, tenantId: OTHER_TENANT }, []],
    [{ session: 'Session-1', tenantId: TENANT }, ['ada']],
    [{ session: 'session-1', tenantId: TENANT }, []],
    [{ token: 'Token-1', expiresAt }, ['ada', 'elsewhere']],
    [{ token: 'Token-1', expiresAt: new Date(expiresAt), tenantId: TENANT }, ['ada']],
    [{ token: 'TOKEN-1', expiresAt }, []],
    [{ tenant: OTHER_TENANT }, ['stranger', 'elsewhere']],
  ])('of %o refuses %o and no other caller', async (target, refused) => {
    const revocations = memoryRevocations({ now: () => NOW });
    const record = await revocations.revoke(target, { because });
    const found = Object.entries(CALLERS).filter(([, auth]) => revocations.find(auth) === record);
    expect(found.map(([name]) => name)).toEqual(refused);
    expect(revocations.list(target)).toEqual([record]);
    expect(Object.isFrozen(record) && Object.isFrozen(record.target)).toBe(true);
  });

  it('looks into the claims only if a session was revoked', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    await revocations.revoke({ tenant: OTHER_TENANT }, { because });
    let read = 0;
    const watched = new Proxy(ada, {
      get: (auth, name) => {
        if (name === 'claims') read++;
        return Reflect.get(auth, name, auth) as unknown;
      },
    });
    revocations.find(watched);
    expect(read).toBe(0);
    const { id } = await revocations.revoke({ session: 'x', tenantId: TENANT }, { because });
    revocations.find(watched);
    expect(read).toBe(1);
    await revocations.lift(id, { because });
    revocations.find(watched);
    expect(read).toBe(1);
  });
});

describe('a target is refused with an error that says what it is', () => {
  it.each<[unknown, string]>([
    [undefined, "The target is undefined. Pass 'everyone', or an object with exactly one of user,"],
    ['anyone', 'The target is anyone.'],
    [[], 'The target is an array of 0.'],
    [{}, 'an object without any of these'],
    [{ user: ADA, client: SPA, tenantId: TENANT }, 'an object with user and client'],
    [{ user: ADA }, 'target: { user } has no tenantId. Name the tenant, because object IDs belong to one'],
    [{ session: 'x' }, 'because sessions belong to one'],
    [{ user: 'ada', tenantId: TENANT }, "is ada, which is not a GUID. Pass the user's object ID"],
    [{ user: '', tenantId: TENANT }, 'target: user is an empty string, which is not a GUID.'],
    [{ user: 'ada@contoso.example', tenantId: TENANT }, 'az ad user show --id <address> --query id'],
    [{ user: ADA, tenantId: 'contoso.example' }, 'target: tenantId is contoso.example, which is not a GUID.'],
    [{ client: SPA, tenantId: 7 }, 'target: tenantId is 7, which is not a GUID.'],
    [{ tenant: TENANT, tenantId: TENANT }, "There is no member of a target { tenant } called 'tenantId'."],
    [{ user: ADA, tenantID: TENANT }, "Did you mean 'tenantId'?"],
    [{ session: 'a b', tenantId: TENANT }, 'target: session is a b, which is not the session ID (sid).'],
    [{ token: 'x'.repeat(201), expiresAt }, 'which is not the unique token identifier (uti).'],
    [{ token: 'x' }, 'target: expiresAt is undefined. Pass a Date'],
    [{ token: 'x', expiresAt: ISSUED }, 'Did you mean 1790000000000?'],
  ])('%o', (target, sentence) => {
    expect(configurationSentence(() => readTarget(target))).toContain(sentence);
  });

  it('what other code has put on Object.prototype names no target', () => {
    const polluted = Object.create({ user: ADA, tenantId: TENANT }) as object;
    expect(configurationSentence(() => readTarget(polluted))).toContain('without any of these');
  });
});

it('tells kind, tenant and key of a target', () => {
  const targets: readonly Target[] = [
    { user: ADA, tenantId: TENANT },
    { client: SPA },
    { tenant: TENANT },
    'everyone',
  ];
  expect(targets.map((target) => [kindOf(target), tenantOf(target), readTarget(target).key])).toEqual([
    ['user', TENANT, keyFor('user', TENANT, ADA)],
    ['client', undefined, `c*/${SPA}`],
    ['tenant', TENANT, `d${TENANT}/`],
    ['everyone', undefined, 'e'],
  ]);
});

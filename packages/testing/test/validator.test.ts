import { createGuard, createValidator, type TokenError, type Validator } from '@entra-guard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEntra, type StartEntraOptions, startEntra } from '../src/index.js';

const places: readonly (readonly [string, StartEntraOptions])[] = [
  ['in process', {}],
  ['on an http port', { port: 0 }],
  ['on a TLS port', { port: 0, tls: true }],
];

describe.each(places)('a validator with the options of a local Entra %s', (_, where) => {
  let entra: LocalEntra;
  let validator: Validator;
  beforeAll(async () => {
    entra = await startEntra(where);
    validator = createValidator({ ...entra.options(), log: false });
  });
  afterAll(async () => {
    validator.close();
    await entra.close();
  });

  it.each(['1.0', '2.0'] as const)(
    'accepts tokens of version %s: users, apps, managed identities, agents',
    async (ver) => {
      expect(await validator.validate(entra.user('ada', { ver }).token)).toMatchObject({
        kind: 'user',
        objectId: entra.objectIdOf('ada'),
      });
      expect(await validator.validate(entra.user('kim', { ver, guest: true }).token)).toMatchObject({
        kind: 'user',
      });
      const roles = ['Orders.Read.All'];
      for (const { token } of [
        entra.app('nightly-job', { ver, roles }),
        entra.managedIdentity('vm', { ver, roles }),
        entra.agent('helper', { ver, roles }),
      ]) {
        expect(await validator.validate(token)).toMatchObject({ kind: 'app' });
      }
      expect(await validator.validate(entra.agent('helper', { ver, onBehalfOf: 'ada' }).token)).toMatchObject(
        {
          kind: 'user',
          objectId: entra.objectIdOf('ada'),
        },
      );
      expect(await validator.validate(entra.agent('helper', { ver, user: true }).token)).toMatchObject({
        kind: 'user',
      });
    },
  );

  const codes = {
    expired: 'token_expired',
    notYetValid: 'token_not_yet_valid',
    noExpiry: 'token_malformed',
    audience: 'audience_not_accepted',
    graphAudience: 'audience_not_accepted',
    tenant: 'tenant_not_accepted',
    tenantMismatch: 'tenant_not_accepted',
    issuer: 'issuer_not_accepted',
    stranger: 'signature_invalid',
    signature: 'signature_invalid',
    algNone: 'algorithm_not_allowed',
    algHs256: 'algorithm_not_allowed',
    noKid: 'token_malformed',
    unknownCrit: 'token_malformed',
    idToken: 'not_an_access_token',
    keyBound: 'key_bound_token',
    fivePart: 'token_malformed',
    notAJwt: 'token_malformed',
    tooLarge: 'token_too_large',
  } as const;
  const names = Object.keys(codes) as (keyof typeof codes)[];
  it.each(names)('refuses the wrong token %s, with the code of its fault', async (name) => {
    const refusal = await validator.validate(entra.wrong[name]().token).catch((error: TokenError) => error);
    expect(refusal).toMatchObject({ code: codes[name] });
  });

  it('accepts withoutPermissions as a valid token that grants nothing', async () => {
    const auth = await validator.validate(entra.wrong.withoutPermissions().token);
    expect([auth.kind, auth.roles.size, auth.scopes.size]).toEqual(['app', 0, 0]);
  });
});

it('a multi-tenant validator accepts the given tenants, and no others', async () => {
  const entra = await startEntra();
  const options = entra.options(undefined, { tenants: ['contoso', 'fabrikam'] });
  const validator = createValidator({ ...options, log: false });
  for (const tenant of ['contoso', 'fabrikam']) {
    expect(await validator.validate(entra.user('ada', { tenant }).token)).toMatchObject({
      tenantId: entra.tenantIdOf(tenant),
    });
  }
  const { token } = entra.user('ada', { tenant: 'adatum' });
  await expect(validator.validate(token)).rejects.toMatchObject({ name: 'TokenError' });
  validator.close();
  await entra.close();
});

it('a guard accepts the options together with others', async () => {
  const entra = await startEntra();
  const guard = createGuard({ ...entra.options(), log: false, explain: true });
  expect(guard).toEqual(expect.any(Object));
  await guard.close();
  await entra.close();
});

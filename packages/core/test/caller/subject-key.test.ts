import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  API,
  appClaims,
  DAEMON,
  type Json,
  OTHER_TENANT,
  ofTenant,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import type { JsonObject } from '../../src/base/json-object.js';
import { TokenAuthContext } from '../../src/caller/token-auth-context.js';
import { createValidator } from '../../src/index.js';
import { classify } from '../../src/token/checks/kind.js';
import { daemon, user } from '../callers.js';
import { refusalOf } from '../refusals.js';

const key = (changes: Json): string => user(changes).subjectKey;

describe('the key under which an application stores a person or app', () => {
  it('is tenant and object ID, in any case the same', () => {
    expect(key({})).toBe(`${TENANT}/${ADA}`);
    expect(key({ oid: ADA.toUpperCase() })).toBe(key({}));
    expect(daemon().subjectKey).toBe(`${TENANT}/cccccccc-2222-3333-4444-dddddddddddd`);
  });

  it('stays with the person whatever changes hands', () => {
    expect(key({ sub: 'another-app', upn: 'x@contoso.example', email: 'x@contoso.example', azp: 'x' })).toBe(
      key({}),
    );
  });

  it.each([
    ['b2clogin.com', `https://contosob2c.b2clogin.com/${TENANT}/v2.0/`],
    ['another name there', `https://fabrikamb2c.b2clogin.com/${TENANT}/v2.0/`],
    ['a custom domain', `https://login.contoso.example/${TENANT}/v2.0/`],
  ])('is tenant and subject where B2C gives no object ID, whatever host it is reached by: %s', (_, iss) => {
    expect(key({ iss, oid: undefined, sub: ADA.toUpperCase() })).toBe(`${TENANT}/sub/${ADA}`);
    expect(key({ iss, oid: undefined, sub: 'Ada/1' })).toBe(`${TENANT}/sub/Ada%2F1`);
  });

  it.each(['contosob2c.b2clogin.com', 'login.contoso.example'])(
    'is the policy’s, where the issuer names one, whatever host it is reached by: %s',
    (host) => {
      const iss = `https://${host}/tfp/${TENANT}/B2C_1A_signup/v2.0/`;
      expect(key({ iss, oid: undefined, sub: ADA })).toBe(`${TENANT}/b2c_1a_signup/sub/${ADA}`);
      expect(key({ iss, sub: 'anything' })).toBe(key({}));
    },
  );

  it('is not built from a placeholder: an object ID that is one counts for nothing', () => {
    const auth = user({ oid: '00000000-0000-0000-0000-000000000000', sub: 'a' });
    expect(auth).toMatchObject({ objectId: undefined, subjectKey: `${TENANT}/sub/a` });
  });

  it('never belongs to two people', () => {
    const people: Json[] = [
      {},
      { oid: 'bbbbbbbb-0000-1111-2222-bbbbbbbbbbbb' },
      ofTenant(OTHER_TENANT, {}),
      { oid: undefined, sub: ADA },
      { oid: undefined, sub: `../${TENANT}/${ADA}` },
      { oid: undefined, sub: 'a' },
      { oid: undefined, sub: 'A' },
      ofTenant(OTHER_TENANT, { oid: undefined, sub: 'a' }),
      { oid: undefined, sub: 'a', iss: `https://contosob2c.b2clogin.com/tfp/${TENANT}/b2c_1_a/v2.0/` },
      { oid: undefined, sub: 'a', iss: `https://contosob2c.b2clogin.com/tfp/${TENANT}/b2c_1_b/v2.0/` },
      { oid: undefined, sub: 'a', iss: `https://contosob2c.b2clogin.com/tfp/${TENANT}/sub/v2.0/` },
      { oid: undefined, sub: 'sub/a' },
      { oid: `x/sub/${ADA}` },
    ];
    expect(new Set(people.map(key)).size).toBe(people.length);
  });

  it.each<[string, Json]>([
    ['neither object ID nor subject', { oid: undefined, sub: undefined }],
    ['an empty subject and no object ID', { oid: undefined, sub: '' }],
  ])('is never built from a missing part: a token with %s is refused', async (_, changes) => {
    const validator = createValidator(contoso());
    expect((await refusalOf(validator.validate(signed(userClaims(changes))))).status).toBe(401);
  });
});

describe('a token that does not say whose it is', () => {
  const validator = createValidator(contoso());

  it.each([
    'Not supported currently. Use oid claim.',
    'NOT SUPPORTED',
    'not available',
    ' ',
    '\t\n',
    '\u200b',
    '\u0000',
    'undefined',
    'null',
    ' None ',
    'N/A',
    'unknown',
    'anonymous',
    '[object Object]',
    '{objectId}',
    '{OIDC:LoginHint}',
    '0',
    '-',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    SPA,
    API.toUpperCase(),
    TENANT,
    `https://login.microsoftonline.com/${TENANT}/v2.0`,
  ])('is refused: sub %j and no oid', async (sub) => {
    const refusal = await refusalOf(validator.validate(signed(userClaims({ oid: undefined, sub }))));
    expect(refusal).toMatchObject({ code: 'token_kind_unknown', status: 401 });
    expect(refusal.hint).toContain('Have oid emitted');
    expect(refusal.message).toMatch(/placeholder|same as (iss|aud|tid|azp)/);
    // The nearest token that is accepted has an object ID as well.
    expect((await validator.validate(signed(userClaims({ sub })))).subjectKey).toBe(`${TENANT}/${ADA}`);
  });

  it.each(['', ' ', 'undefined', '00000000-0000-0000-0000-000000000000'])(
    'is refused: oid %j and no sub',
    async (oid) => {
      const refusal = await refusalOf(validator.validate(signed(userClaims({ oid, sub: undefined }))));
      expect(refusal).toMatchObject({ code: 'token_kind_unknown' });
    },
  );

  it('is refused where the placeholder stands in both, also as an app', async () => {
    const id = '00000000-0000-0000-0000-000000000000';
    for (const claims of [userClaims({ oid: id, sub: id }), appClaims({ oid: id, sub: id })]) {
      expect(await refusalOf(validator.validate(signed(claims)))).toMatchObject({
        code: 'token_kind_unknown',
        message: expect.stringMatching(/a placeholder for a subject .* and one for an object ID/),
      });
    }
    const halfAnApp = appClaims({ oid: id, sub: 'a' });
    expect((await refusalOf(validator.validate(signed(halfAnApp)))).code).toBe('token_kind_unknown');
  });

  it('is accepted where a daemon of B2C is named by its client ID, apart from any user', () => {
    const claims = {
      ...userClaims({ oid: undefined, sub: DAEMON.toUpperCase(), azp: DAEMON }),
    } as JsonObject;
    const kind = classify(claims, { b2c: true, appClients: new Set([DAEMON]), idTokens: false });
    if ('code' in kind) throw new Error(kind.found);
    expect(new TokenAuthContext(claims, kind, TENANT).subjectKey).toBe(`${TENANT}/app-sub/${DAEMON}`);
  });
});

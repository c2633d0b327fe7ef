import { describe, expect, it } from 'vitest';
import { createValidator } from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { ADA, type Claims, contoso, OTHER_TENANT, ofTenant, signed, TENANT, userClaims } from '../contoso.js';
import { refusalOf } from '../refusals.js';

const key = (changes: Claims): string => user(changes).subjectKey;

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

  it('is the subject, namespaced by its issuer, where B2C gives no object ID', () => {
    const iss = 'https://contosob2c.b2clogin.com/tfp/ddddeeee-3333-ffff-4444-aaaa5555bbbb/b2c_1_a/v2.0/';
    expect(key({ iss, oid: undefined, sub: 'Ada/1' })).toBe(`${encodeURIComponent(iss)}/sub/Ada%2F1`);
  });

  it('is no two people’s', () => {
    const people: Claims[] = [
      {},
      { oid: 'bbbbbbbb-0000-1111-2222-bbbbbbbbbbbb' },
      ofTenant(OTHER_TENANT, {}),
      { oid: undefined, sub: ADA },
      { oid: undefined, sub: `../${TENANT}/${ADA}` },
      { oid: undefined, sub: 'a' },
      { oid: undefined, sub: 'A' },
      { oid: undefined, sub: 'a', iss: 'https://login.microsoftonline.com/x/sub/a/v2.0' },
      { oid: `x/sub/${ADA}` },
    ];
    expect(new Set(people.map(key)).size).toBe(people.length);
  });

  it.each<[string, Claims]>([
    ['neither object ID nor subject', { oid: undefined, sub: undefined }],
    ['an empty subject and no object ID', { oid: undefined, sub: '' }],
  ])('is never built from a missing part: a token with %s is refused', async (_, changes) => {
    const validator = createValidator(contoso());
    expect((await refusalOf(validator.validate(signed(userClaims(changes))))).status).toBe(401);
  });
});

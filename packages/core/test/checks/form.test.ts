import { describe, expect, it } from 'vitest';
import { type Json, KEY, signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();
const good = signed(userClaims());
const [header = '', payload = '', signature = ''] = good.split('.');
const b64 = (text: string): string => Buffer.from(text).toString('base64url');
const withPayload = (text: string): string => signed(text);

const GROUP = 'f0000000-0000-0000-0000-000000000001';

/** Another spelling of the same bytes: the unused low bits of the last character set. */
function respelt(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(part.at(-1) ?? '');
  return part.slice(0, -1) + alphabet[last | 1];
}

describe('form of a compact JWS (RFC 7515 section 7.1)', () => {
  it('takes the token as Entra issues it', async () => {
    expect(await outcomeOf(validator, good)).toBe('accepted');
  });

  it.each([
    ['the empty string', ''],
    ['one part', header],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${good}.${signature}`],
    ['five parts: an encrypted token', `${header}.${payload}.${signature}.${header}.${payload}`],
    ['only dots', '..'],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['a trailing dot', `${good}.`],
    ['a leading space', ` ${good}`],
    ['a trailing newline', `${good}\n`],
    ['a space inside', `${header}. ${payload}.${signature}`],
    ['"Bearer" in front', `Bearer ${good}`],
    ['the word undefined', 'undefined'],
    ['the word null', 'null'],
    ['padding behind the header', `${header}==.${payload}.${signature}`],
    ['padding behind the signature', `${header}.${payload}.${signature}==`],
    ['standard base64 in the signature', `${header}.${payload}.+/${signature.slice(2)}`],
    ['a signature of a length that no bytes have', `${header}.${payload}.A`],
    ['a signature spelt another way', `${header}.${payload}.${respelt(signature)}`],
    [
      'a header whose length no bytes have',
      `${b64('{"a":1}').slice(0, -1)}AAA.${payload}.${signature}`.replace(/^.*?\./, 'A.'),
    ],
    ['non-ASCII letters', `${header}.${payload}é.${signature}`],
    ['a header that is not JSON', `${b64('{')}.${payload}.${signature}`],
    ['a header that is a list', `${b64('[]')}.${payload}.${signature}`],
    ['a header that is null', `${b64('null')}.${payload}.${signature}`],
    ['a header that is a string', `${b64('"JWT"')}.${payload}.${signature}`],
    ['a payload that is not JSON', withPayload('not JSON')],
    ['a payload that is a list', withPayload('[1]')],
    ['a payload that is null', withPayload('null')],
    ['a payload that is a number', withPayload('1')],
    ['a payload that is true', withPayload('true')],
    ['a payload that is empty text', withPayload(' ')],
    ['a payload with a byte order mark', withPayload(`\uFEFF${JSON.stringify(userClaims())}`)],
    ['two JSON objects in the payload', withPayload('{}{}')],
    ['a payload with a comment', withPayload('{/**/}')],
    [
      'broken UTF-8 in the payload',
      `${header}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${signature}`,
    ],
    [
      'broken UTF-8 in a text of the payload',
      `${header}.${Buffer.from('{"iss":"\xff"}', 'latin1').toString('base64url')}.${signature}`,
    ],
  ])('refuses %s', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('token_malformed');
  });

  it.each([
    ['a number', 1],
    ['undefined', undefined],
    ['null', null],
    ['an object', { token: good }],
    ['a list', [good]],
  ])('refuses %s in the place of a token', async (_, value) => {
    expect(await outcomeOf(validator, value as unknown as string)).toBe('token_malformed');
  });

  it.each([
    ['16,385 characters', 'x'.repeat(16_385)],
    ['a megabyte', 'A'.repeat(1_000_000)],
    [
      'a signed token of more than 16 KiB',
      signed(userClaims({ groups: Array.from({ length: 400 }, () => GROUP) })),
    ],
  ])('refuses %s before looking inside', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('token_too_large');
  });

  it('looks inside what has 16,384 characters', async () => {
    expect(await outcomeOf(validator, 'x'.repeat(16_384))).toBe('token_malformed');
  });

  it('says whether a part is not base64url or not JSON', async () => {
    const padded = await refusalOf(validator, `${header}==.${payload}.${signature}`);
    expect(padded.message).toContain('a part that is not canonical base64url');
    const broken = await refusalOf(validator, `${b64('{')}.${payload}.${signature}`);
    expect(broken.message).toContain('a part that is not a JSON object');
  });

  it('takes a token of just under 16 KiB', async () => {
    const groups = Array.from({ length: 280 }, () => GROUP);
    const token = signed(userClaims({ groups }));
    expect(token.length).toBeGreaterThan(14_000);
    expect(await outcomeOf(validator, token)).toBe('accepted');
  });

  it('a signature of three characters too many bits is not canonical', async () => {
    const [header, payload] = signed(userClaims()).split('.');
    expect(await outcomeOf(singleTenant(), `${header}.${payload}.AAB`)).toBe('token_malformed');
    expect(await outcomeOf(singleTenant(), `${header}.${payload}.AAA`)).toBe('signature_invalid');
  });

  it('the last of two members of one name counts, as it does for the signer', async () => {
    const text = JSON.stringify({ typ: 'JWT', alg: 'none', kid: KEY.kid }).replace(
      '"alg":"none"',
      '"alg":"none","alg":"RS256"',
    );
    expect(await outcomeOf(validator, signed(userClaims(), text))).toBe('accepted');
  });

  it.each([
    ['a five-part token', 'a.b.c.d.e', 'tokenEncryptionKeyId'],
    ['the word undefined', 'undefined', 'variable'],
  ])('hints at the cause: %s', async (_, token, words) => {
    expect((await refusalOf(validator, token)).hint).toContain(words);
  });

  it.each([
    ['the text null', 'null', /the text "null"/, /opaque/],
    ['the text of an object', '[object Object]', /the text "\[object Object\]"/, /opaque/],
    ['one part', 'x', /opaque/, /variable|encrypted/],
    ['four parts', 'a.b.c.d', /opaque/, /encrypted/],
    ['five parts', 'a.b.c.d.e', /encrypted/, /opaque/],
  ])('gives the hint that fits, and not another one: %s', async (_, token, says, saysNot) => {
    const { hint } = await refusalOf(validator, token);
    expect(hint).toMatch(says);
    expect(hint).not.toMatch(saysNot);
  });

  it.each([
    ['one part', 'x', 'one part'],
    ['two parts', 'x.y', '2 parts'],
  ])('says what was found: %s', async (_, token, found) => {
    expect(await refusalOf(validator, token)).toMatchObject({ found });
  });
});

describe('what claims may hold', () => {
  const nested = (levels: number): string => withDeep(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  const nestedObjects = (levels: number): string =>
    withDeep(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const withDeep = (json: string): string =>
    JSON.stringify(userClaims({ deep: 0 })).replace('"deep":0', `"deep":${json}`);

  it.each([
    ['unknown claims', userClaims({ xms_ftd: 'x', aio: 'y', future: { deep: [1] } }), 'accepted'],
    [
      'a lone surrogate in a claim that decides nothing',
      JSON.stringify(userClaims({ name: 'X' })).replace('"X"', '"\\udfff"'),
      'token_malformed',
    ],
    ['31 lists inside the claims', nested(31), 'accepted'],
    ['32 lists inside the claims', nested(32), 'token_malformed'],
    ['31 objects inside the claims', nestedObjects(31), 'accepted'],
    ['32 objects inside the claims', nestedObjects(32), 'token_malformed'],
    ['nesting deeper than 32 levels', nested(40), 'token_malformed'],
    ['nesting of a thousand levels', nested(1000), 'token_malformed'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(validator, signed(claims))).toBe(expected);
  });

  it('members called __proto__ and constructor are data, and change no object', async () => {
    const text = JSON.stringify(userClaims()).replace(
      '{',
      '{"__proto__":{"scp":"Orders.Admin"},"constructor":{"prototype":1},',
    );
    const auth = await validator.validate(signed(text));
    expect(auth.scopes.toArray()).toEqual(['Orders.Read']);
    expect(Object.hasOwn(auth.claims, '__proto__')).toBe(true);
    expect(Object.hasOwn(auth.claims, 'constructor')).toBe(true);
    expect(auth.claims.scp).toBe('Orders.Read');
    expect(({} as Json).scp).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { appClaims, KEY, makeKey, STRANGER, signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();
const good = signed(userClaims());
const [header = '', payload = '', signature = ''] = good.split('.');
const b64 = (text: string): string => Buffer.from(text).toString('base64url');
const withHeader = (changes: Record<string, unknown>): string => signed(userClaims(), changes);
const withPayload = (text: string): string => signed(text);

/** Another spelling of the same bytes: the unused low bits of the last character set. */
function respelt(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(part.at(-1) ?? '');
  return part.slice(0, -1) + alphabet[last | 1];
}

describe('form of a compact JWS (RFC 7515 section 7.1; design invariant 1)', () => {
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
    ['a header that is no JSON', `${b64('{')}.${payload}.${signature}`],
    ['a header that is a list', `${b64('[]')}.${payload}.${signature}`],
    ['a header that is null', `${b64('null')}.${payload}.${signature}`],
    ['a header that is a string', `${b64('"JWT"')}.${payload}.${signature}`],
    ['a payload that is no JSON', withPayload('not JSON')],
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
      signed(userClaims({ groups: Array.from({ length: 400 }, () => TENANT_GROUP) })),
    ],
  ])('refuses %s before looking inside', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('token_too_large');
  });

  it('looks inside what has 16,384 characters', async () => {
    expect(await outcomeOf(validator, 'x'.repeat(16_384))).toBe('token_malformed');
  });

  it('says whether a part is no base64url or no JSON', async () => {
    const padded = await refusalOf(validator, `${header}==.${payload}.${signature}`);
    expect(padded.message).toContain('a part that is not canonical base64url');
    const broken = await refusalOf(validator, `${b64('{')}.${payload}.${signature}`);
    expect(broken.message).toContain('a part that is not a JSON object');
  });

  it('takes a token of just under 16 KiB', async () => {
    const groups = Array.from({ length: 280 }, () => TENANT_GROUP);
    const token = signed(userClaims({ groups }));
    expect(token.length).toBeGreaterThan(14_000);
    expect(await outcomeOf(validator, token)).toBe('accepted');
  });
});

const TENANT_GROUP = 'f0000000-0000-0000-0000-000000000001';

describe('algorithm (RFC 8725 section 3.1)', () => {
  it.each([
    ['none', signed(userClaims(), {}, { by: 'none' })],
    ['None', signed(userClaims(), { alg: 'None' }, { by: 'none' })],
    ['HS256 with the public key as the secret', signed(userClaims(), {}, { by: 'HS256' })],
    ['PS256, which is not allowed by default', signed(userClaims(), {}, { by: 'PS256' })],
    ['rs256 in lower case', withHeader({ alg: 'rs256' })],
    ['RS384', withHeader({ alg: 'RS384' })],
    ['RS512', withHeader({ alg: 'RS512' })],
    ['ES256', withHeader({ alg: 'ES256' })],
    ['EdDSA', withHeader({ alg: 'EdDSA' })],
    ['no alg', withHeader({ alg: undefined })],
    ['a number', withHeader({ alg: 256 })],
    ['a list', withHeader({ alg: ['RS256'] })],
    ['null', withHeader({ alg: null })],
  ])('refuses %s', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('algorithm_not_allowed');
  });

  it('takes PS256 only where it is allowed, and verifies it as PS256', async () => {
    const both = singleTenant({ algorithms: ['RS256', 'PS256'] });
    expect(await outcomeOf(both, signed(userClaims(), {}, { by: 'PS256' }))).toBe('accepted');
    expect(await outcomeOf(both, good)).toBe('accepted');
    expect(await outcomeOf(both, signed(userClaims(), { alg: 'PS256' }))).toBe('signature_invalid');
    expect(await outcomeOf(both, signed(userClaims(), { alg: 'RS256' }, { by: 'PS256' }))).toBe(
      'signature_invalid',
    );
  });

  it('refuses RS256 where only PS256 is allowed', async () => {
    expect(await outcomeOf(singleTenant({ algorithms: ['PS256'] }), good)).toBe('algorithm_not_allowed');
  });
});

describe('header parameters (RFC 7515 section 4)', () => {
  it.each([
    ['no kid', { kid: undefined }],
    ['an empty kid', { kid: '' }],
    ['a kid that is a number', { kid: 1 }],
    ['a kid that is a list', { kid: [KEY.kid] }],
    ['a kid of 257 characters', { kid: 'k'.repeat(257) }],
    ['crit with an unknown name', { crit: ['exp'], exp: 1 }],
    ['crit with b64', { crit: ['b64'], b64: false }],
    ['an empty crit', { crit: [] }],
    ['crit null', { crit: null }],
    ['no typ', { typ: undefined }],
    ['typ dpop+jwt', { typ: 'dpop+jwt' }],
    ['typ logout+jwt', { typ: 'logout+jwt' }],
    ['typ pop', { typ: 'pop' }],
    ['typ as a list', { typ: ['JWT'] }],
    ['an empty typ', { typ: '' }],
  ])('refuses %s', async (_, changes) => {
    expect(await outcomeOf(validator, withHeader(changes))).toBe('token_malformed');
  });

  it.each([
    ['typ JWT', { typ: 'JWT' }],
    ['typ jwt', { typ: 'jwt' }],
    ['typ at+jwt (RFC 9068)', { typ: 'at+jwt' }],
    ['typ application/at+jwt (RFC 9068)', { typ: 'application/at+jwt' }],
    ['x5t, as v1 tokens have it', { x5t: KEY.kid }],
    ['a member that nobody knows', { future: { deep: [1] } }],
    ['a member called __proto__', JSON.parse('{"__proto__":{"alg":"none"}}') as Record<string, unknown>],
  ])('takes %s', async (_, changes) => {
    expect(await outcomeOf(validator, withHeader(changes))).toBe('accepted');
  });

  it('looks for a key whose ID has 256 characters', async () => {
    expect(await outcomeOf(singleTenant(), withHeader({ kid: 'k'.repeat(256) }))).toBe(
      'signing_key_not_found',
    );
  });

  it.each([
    ['jwk', { jwk: STRANGER.jwk }],
    ['jku', { jku: 'https://evil.example/keys' }],
    ['x5u', { x5u: 'https://evil.example/cert' }],
    ['x5c', { x5c: ['MIIB'] }],
  ])('never uses a key that the token brings itself (%s)', async (_, changes) => {
    const forged = signed(userClaims(), { ...changes, kid: KEY.kid }, { key: STRANGER });
    expect(await outcomeOf(validator, forged)).toBe('signature_invalid');
  });

  it('the last of two members of one name counts, as it does for whoever signed', async () => {
    const text = JSON.stringify({ typ: 'JWT', alg: 'none', kid: KEY.kid }).replace(
      '"alg":"none"',
      '"alg":"none","alg":"RS256"',
    );
    expect(await outcomeOf(validator, signed(userClaims(), text))).toBe('accepted');
  });
});

describe('signature', () => {
  const flip = (text: string, index: number): string =>
    text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);

  it.each([
    ['one character of the signature changed', `${header}.${payload}.${flip(signature, 10)}`],
    ['the signature of another token', `${header}.${payload}.${signed(appClaims()).split('.')[2]}`],
    [
      'another payload under the same signature',
      `${header}.${b64(JSON.stringify(userClaims({ scp: 'Orders.Admin' })))}.${signature}`,
    ],
    ['no signature at all', `${header}.${payload}.`],
    ['a signature that is too short', `${header}.${payload}.${b64('short')}`],
    ["a stranger's key under a published kid", signed(userClaims(), { kid: KEY.kid }, { key: STRANGER })],
  ])('refuses %s', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('signature_invalid');
  });

  it('refuses a key that the authority does not publish', async () => {
    const unknown = makeKey('made-up');
    expect(await outcomeOf(singleTenant(), signed(userClaims(), {}, { key: unknown }))).toBe(
      'signing_key_not_found',
    );
  });
});

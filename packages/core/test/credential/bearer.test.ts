import { describe, expect, it } from 'vitest';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { readBearerCredential, readBearerToken } from '../../src/credential/bearer.js';
import { headerOf, type RequestLike } from '../../src/credential/headers.js';
import { CredentialError } from '../../src/index.js';

const node = (authorization: string | undefined): RequestLike => ({ headers: { authorization } });
const web = (...values: string[]): RequestLike => {
  const headers = new Headers();
  for (const value of values) headers.append('Authorization', value);
  return { headers };
};

function outcome(request: RequestLike): string {
  try {
    return readBearerToken(request);
  } catch (error) {
    if (!CredentialError.is(error)) throw error;
    expect(error.status).toBe(error.code === 'credentials_missing' ? 401 : 400);
    return error.code;
  }
}

const MISSING = 'credentials_missing';
const MALFORMED = 'credentials_malformed';

describe('the Authorization header (RFC 6750 section 2.1)', () => {
  const values: [string, string, string][] = [
    ['one token', 'Bearer eyJ0.eyJh.c2ln', 'eyJ0.eyJh.c2ln'],
    ['the scheme in small letters', 'bearer abc', 'abc'],
    ['the scheme in capitals', 'BEARER abc', 'abc'],
    ['several blanks', 'Bearer   abc', 'abc'],
    ['every character of a token', 'Bearer AZaz09-._~+/', 'AZaz09-._~+/'],
    ['padding at the end', 'Bearer abc==', 'abc=='],
    ['one character', 'Bearer a', 'a'],
    ['the scheme alone', 'Bearer', MALFORMED],
    ['padding in between', 'Bearer ab=c', MALFORMED],
    ['padding alone', 'Bearer ==', MALFORMED],
    ['two tokens', 'Bearer abc def', MALFORMED],
    ['two tokens with a comma', 'Bearer abc,def', MALFORMED],
    ['a second credential behind a comma', 'Bearer abc, Basic def', MALFORMED],
    ['a second Bearer behind a comma', 'Bearer abc, Bearer def', MALFORMED],
    ['the scheme twice', 'Bearer Bearer abc', MALFORMED],
    ['quotes', 'Bearer "abc"', MALFORMED],
    ['a token parameter', 'Bearer token=abc', MALFORMED],
    ['a letter beyond ASCII', 'Bearer äbc', MALFORMED],
    ['percent encoding', 'Bearer abc%2E', MALFORMED],
    ['a colon behind the scheme', 'Bearer: abc', MALFORMED],
    ['a scheme that begins like Bearer', 'Bearerabc', MISSING],
    ['Basic', 'Basic YTpi', MISSING],
    ['DPoP', 'DPoP abc', MISSING],
    ['PoP', 'PoP abc', MISSING],
    ['Negotiate without anything', 'Negotiate', MISSING],
    ['Digest', 'Digest username="Mufasa"', MISSING],
    ['a scheme with every mark', "!#$%&'*+-.^_`|~ abc", MISSING],
  ];

  it.each(values)('%s, as Node has it', (_, value, expected) => {
    expect(outcome(node(value))).toBe(expected);
  });

  it.each(values.filter(([, value]) => /^[\x20-\x7e]*$/.test(value)))(
    '%s, as the web has it',
    (_, value, expected) => {
      expect(outcome(web(value))).toBe(expected);
    },
  );

  it.each<[string, RequestLike, string]>([
    ['no header', node(undefined), MISSING],
    ['no header, web', web(), MISSING],
    ['no header at all', { headers: {} }, MISSING],
    ['an empty header', node(''), MALFORMED],
    ['a tab behind the scheme', node('Bearer\tabc'), MALFORMED],
    ['a tab before the token', node('Bearer \tabc'), MALFORMED],
    ['a blank before the scheme', node(' Bearer abc'), MALFORMED],
    ['a blank behind the token', node('Bearer abc '), MALFORMED],
    ['a line break behind the token', node('Bearer abc\n'), MALFORMED],
    ['a line break and another header', node('Bearer abc\r\nX-Admin: 1'), MALFORMED],
    ['a null behind the token', node('Bearer abc\0'), MALFORMED],
    ['a comma first', node(', Bearer abc'), MALFORMED],
    ['the Kelvin sign, which Unicode folds to k', node('Bearer \u212a'), MALFORMED],
    ['a list of one', { headers: { authorization: ['Bearer abc'] } }, 'abc'],
    ['a list of two', { headers: { authorization: ['Bearer abc', 'Bearer abc'] } }, MALFORMED],
    ['a list of Basic and Bearer', { headers: { authorization: ['Basic YTpi', 'Bearer abc'] } }, MALFORMED],
    ['two headers, web', web('Bearer abc', 'Bearer def'), MALFORMED],
    ['Basic and then Bearer, web', web('Basic YTpi', 'Bearer def'), MISSING],
    [
      'a token in a query or cookie is not looked for',
      { headers: { cookie: 'Authorization=Bearer abc' }, url: '/?access_token=abc' } as RequestLike,
      MISSING,
    ],
    [
      'a proxy header is not the Authorization header',
      { headers: { 'proxy-authorization': 'Bearer abc' } },
      MISSING,
    ],
  ])('%s', (_, request, expected) => {
    expect(outcome(request)).toBe(expected);
  });
});

describe('two Authorization headers, of which Node silently keeps the first', () => {
  const twice = (...rawHeaders: string[]): RequestLike => ({
    headers: { authorization: 'Bearer abc' },
    rawHeaders,
  });
  it.each<[string, RequestLike, string]>([
    ['one', twice('Host', 'api', 'Authorization', 'Bearer abc'), 'abc'],
    ['two of one spelling', twice('Authorization', 'Bearer abc', 'Authorization', 'Bearer def'), MALFORMED],
    ['two of the same value', twice('Authorization', 'Bearer abc', 'Authorization', 'Bearer abc'), MALFORMED],
    [
      'two in different cases',
      twice('authorization', 'Bearer abc', 'X', 'y', 'AUTHORIZATION', 'Basic YTpi'),
      MALFORMED,
    ],
    [
      'a value that reads like the name',
      twice('X-Header', 'authorization', 'Authorization', 'Bearer abc'),
      'abc',
    ],
    ['no raw headers', { headers: { authorization: 'Bearer abc' }, rawHeaders: undefined }, 'abc'],
    [
      'two, the first of them empty',
      { headers: { authorization: '' }, rawHeaders: ['Authorization', '', 'Authorization', 'Bearer abc'] },
      MALFORMED,
    ],
  ])('%s', (_, request, expected) => {
    expect(outcome(request)).toBe(expected);
  });
});

describe('what stands in the place of a token', () => {
  const found = (request: RequestLike): string => {
    try {
      return readBearerCredential(request);
    } catch (error) {
      if (CredentialError.is(error)) return error.code;
      throw error;
    }
  };

  it.each<[string, RequestLike]>([
    ['as Node has it', node('Bearer abc')],
    ['as the web has it', web('Bearer abc')],
    ['a list of one', { headers: { authorization: ['Bearer abc'] } }],
  ])('is read without a check of its form: %s', (_, request) => {
    expect(found(request)).toBe('abc');
  });

  it.each<[string, string, string]>([
    ['a blank behind the token', 'Bearer abc ', 'abc '],
    ['another token behind it', 'Bearer abc abc', 'abc abc'],
    ['a second credential behind a comma', 'Bearer abc,Basic YTpi', 'abc,Basic YTpi'],
    ['a line break behind the token', 'Bearer abc\n', 'abc\n'],
    ['two blanks before it', 'Bearer  abc', 'abc'],
    ['two blanks before two tokens', 'Bearer  abc abc', MALFORMED],
    ['the scheme in small letters', 'bearer abc', 'abc'],
    ['another scheme', 'DPoP abc', MISSING],
    ['a scheme that begins like Bearer', 'Bearerabc', MISSING],
    ['no scheme', 'abc', MISSING],
  ])('holds all that is sent, so that it is not taken for one token: %s', (_, value, expected) => {
    expect(found(node(value))).toBe(expected);
  });

  it.each<[string, RequestLike]>([
    [
      'as Node has it',
      {
        headers: { authorization: 'Bearer abc' },
        rawHeaders: ['Authorization', 'Bearer abc', 'Authorization', 'Bearer abc'],
      },
    ],
    ['as the web has it', web('Bearer abc', 'Bearer abc')],
    ['as a list', { headers: { authorization: ['Bearer abc', 'Bearer abc'] } }],
  ])('is not taken from one of two headers: %s', (_, request) => {
    expect(found(request)).not.toBe('abc');
  });
});

describe('the sentence', () => {
  const errorOf = (request: RequestLike): CredentialError => {
    try {
      readBearerToken(request);
    } catch (error) {
      if (CredentialError.is(error)) return error;
    }
    throw new Error('accepted');
  };

  it.each<[string, RequestLike, RegExp]>([
    ['no header', web(), /no Authorization header/],
    ['Basic', web('Basic YTpi'), /scheme "basic", not Bearer/],
    [
      'two',
      { headers: {}, rawHeaders: ['Authorization', 'a', 'authorization', 'b'] },
      /2 Authorization headers/,
    ],
    ['two tokens', web('Bearer a b'), /exactly one token/],
    ['no scheme', web('"abc"'), /does not begin with a scheme/],
  ])('names what was found: %s', (_, request, sentence) => {
    expect(errorOf(request).message).toMatch(sentence);
  });

  it.each(['DPoP abc', 'PoP abc', 'mtls_pop abc'])(
    'tells a client that bound its token to a key: %s',
    (value) => {
      expect(errorOf(web(value)).hint).toContain('bound to a key');
    },
  );

  it.each([
    ['an access token without the word Bearer', signed(userClaims())],
    ['a secret without a scheme', 'FAKEsecretFAKEsecretFAKEsecret'],
    ['a secret behind Basic', 'Basic FAKEsecretFAKEsecretFAKEsecret'],
    ['two tokens', 'Bearer FAKEsecretFAKEsecret FAKEsecretFAKEsecret'],
  ])('does not repeat any of it: %s', (_, value) => {
    const { message, hint } = errorOf(web(value));
    const said = `${message} ${hint}`.toLowerCase();
    const secret = value.replace(/^(Basic|Bearer) /, '').toLowerCase();
    for (let start = 0; start < secret.length - 8; start += 4)
      expect(said).not.toContain(secret.slice(start, start + 8));
  });
});

describe('any other header', () => {
  it.each<[string, RequestLike, string | undefined]>([
    ['Node', { headers: { traceparent: 'x' } }, 'x'],
    ['Node, repeated', { headers: { traceparent: ['x', 'y'] } }, 'x, y'],
    ['Node, absent', { headers: {} }, undefined],
    ['web', { headers: new Headers({ traceparent: 'x' }) }, 'x'],
    ['web, absent', { headers: new Headers() }, undefined],
  ])('%s', (_, request, expected) => {
    expect(headerOf(request, 'traceparent')).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, signed, userClaims } from '../../../../test/support/forger.js';
import { readBearerToken } from '../../src/credential/bearer.js';
import { headerOf } from '../../src/credential/headers.js';
import {
  ConfigurationError,
  CredentialError,
  createGuard,
  type RequestLike,
  scopes,
} from '../../src/index.js';
import { refusalOf } from '../refusals.js';

/** As AWS Lambda, API Gateway and Azure Functions v3 hand them over. */
const plain = (headers: unknown): RequestLike => ({ headers }) as RequestLike;

function outcome(request: RequestLike): string {
  try {
    return readBearerToken(request);
  } catch (error) {
    if (CredentialError.is(error)) return error.code;
    if (ConfigurationError.is(error)) return error.message;
    throw error;
  }
}

describe('a plain object of headers', () => {
  it.each<[string, unknown, string]>([
    ['small letters', { authorization: 'Bearer abc' }, 'abc'],
    ['as clients write it', { Host: 'x', Authorization: 'Bearer abc' }, 'abc'],
    ['capitals', { AUTHORIZATION: 'Bearer abc' }, 'abc'],
    ['a list of one', { Authorization: ['Bearer abc'] }, 'abc'],
    ['null for what is absent', { Authorization: null, authorization: null }, 'credentials_missing'],
    ['one spelling unset', { authorization: undefined, Authorization: 'Bearer abc' }, 'abc'],
    ['an empty list', { Authorization: [] }, 'credentials_missing'],
    ['two spellings', { authorization: 'Bearer abc', Authorization: 'Bearer abc' }, 'credentials_malformed'],
    [
      'two spellings, one a list',
      { Authorization: ['Bearer a'], AUTHORIZATION: 'Bearer b' },
      'credentials_malformed',
    ],
    ['a list of two', { Authorization: ['Bearer abc', 'Bearer def'] }, 'credentials_malformed'],
    ['a name as long', { Authorisation: 'Bearer abc' }, 'credentials_missing'],
    ['no prototype', Object.assign(Object.create(null), { Authorization: 'Bearer abc' }), 'abc'],
    ['one that it inherits', Object.create({ authorization: 'Bearer abc' }), 'credentials_missing'],
  ])('is read in whichever case its names are: %s', (_, headers, expected) => {
    expect(outcome(plain(headers))).toBe(expected);
  });

  it('has other headers in any case, too', () => {
    expect(headerOf(plain({ TraceParent: '00-a' }), 'traceparent')).toBe('00-a');
    expect(headerOf(plain({ 'X-A': ['1', '2'], 'x-a': '0' }), 'x-a')).toBe('0, 1, 2');
  });

  it('lets a caller of such a host in', async () => {
    const guard = createGuard(contoso());
    const request = plain({ Authorization: `Bearer ${signed(userClaims())}` });
    expect((await guard.require(request, scopes('Orders.Read'))).objectId).toBe(ADA);
    expect(guard.authOf(request)?.objectId).toBe(ADA);
  });
});

describe('what is not a request with headers', () => {
  const requests: [string, unknown, string][] = [
    ['null', plain(null), 'The headers of the request are null.'],
    ['undefined', plain(undefined), 'The headers of the request are undefined.'],
    ['text', plain('authorization: Bearer abc'), 'The headers of the request are a string of 25 characters.'],
    ['a Map', plain(new Map([['Authorization', 'Bearer abc']])), 'The headers of the request are a Map.'],
    ['a number for a header', plain({ authorization: 5 }), 'hold 5 for authorization, which is not text'],
    ['bytes for a header', plain({ Authorization: Buffer.from('Bearer abc') }), 'which is not text'],
    ['a get() that gives no text', plain({ get: () => ({}) }), 'hold an object for authorization'],
    ['no request', undefined, 'The headers of the request are undefined.'],
  ];

  it.each(requests)('is a clear error and lets no caller in: %s', async (_, request, sentence) => {
    expect(outcome(request as RequestLike)).toContain(sentence);
    const guard = createGuard(contoso());
    for (const decision of [
      guard.authenticate(request as RequestLike, { optional: true }),
      guard.require(request as RequestLike, scopes('Orders.Read')),
    ]) {
      const error = await refusalOf(decision);
      expect(error.hint).toContain("the host's own request");
      expect(guard.toHttp(error).status).toBe(500);
    }
  });
});

import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  authorizationIn,
  authorizationOf,
  handshakeOf,
  partsOf,
  rememberUpgrade,
  requestWith,
  TOKEN_PROTOCOL,
  upgradeCredentials,
  withoutTokens,
} from '../../src/connections.js';
import { readBearerToken } from '../../src/credential/bearer.js';
import type { RequestLike } from '../../src/index.js';

const request = (headers: Record<string, string>, ...rawHeaders: string[]) =>
  ({ headers, rawHeaders }) as unknown as IncomingMessage;
const tokenOf = (credentials: RequestLike | undefined) => readBearerToken(credentials as RequestLike);

describe('a request that asks for a WebSocket', () => {
  it.each([
    ['in its header', { authorization: 'Bearer from-header' }, 'from-header'],
    ['as a sub-protocol', { 'sec-websocket-protocol': `orders.v1, ${TOKEN_PROTOCOL}offered` }, 'offered'],
  ])('brings its token %s', (_, headers, token) => {
    expect(tokenOf(upgradeCredentials(request(headers)))).toBe(token);
  });

  it.each([
    ['none', { 'sec-websocket-protocol': 'orders.v1' }, 'credentials_missing'],
    [
      'two, in both places',
      { authorization: 'Bearer a', 'sec-websocket-protocol': `${TOKEN_PROTOCOL}b` },
      'credentials_malformed',
    ],
    [
      'two, as sub-protocols',
      { 'sec-websocket-protocol': `${TOKEN_PROTOCOL}a,${TOKEN_PROTOCOL}b` },
      'credentials_malformed',
    ],
  ])('is refused with %s', (_, headers, code) => {
    expect(() => tokenOf(upgradeCredentials(request(headers)))).toThrow(expect.objectContaining({ code }));
  });

  it('keeps its other headers', () => {
    const headers = { authorization: 'Bearer a', traceparent: '00-1' };
    expect(upgradeCredentials(request(headers)).headers).toEqual(headers);
  });

  it('never has a token chosen as its sub-protocol', () => {
    expect(withoutTokens([`${TOKEN_PROTOCOL}a`, 'orders.v1'])).toEqual(['orders.v1']);
  });
});

describe('a client of socket.io', () => {
  const client = (auth: unknown, headers: Record<string, string> = {}) => ({ handshake: { headers, auth } });

  it.each([
    ['in its header', client(undefined, { authorization: 'Bearer from-header' }), 'from-header'],
    ['in its payload', client({ token: 'paid' }), 'paid'],
    [
      'in the header of its request',
      { ...client({}), request: request({ authorization: 'Bearer upgraded' }) },
      'upgraded',
    ],
  ])('brings its token %s', (_, socket, token) => {
    expect(tokenOf(handshakeOf(socket))).toBe(token);
  });

  it.each([
    ['none', client('text'), 'credentials_missing'],
    ['one that is not text', client({ token: 7 }), 'credentials_malformed'],
    ['two', client({ token: 'a' }, { authorization: 'Bearer b' }), 'credentials_malformed'],
  ])('is refused with %s', (_, socket, code) => {
    expect(() => tokenOf(handshakeOf(socket))).toThrow(expect.objectContaining({ code }));
  });

  it('stands for its handshake and its request, too', () => {
    const socket = client({});
    const upgrade = request({});
    expect(partsOf(socket)).toEqual([socket.handshake]);
    expect(partsOf({ ...socket, request: upgrade })).toEqual([socket.handshake, upgrade]);
    expect(partsOf({})).toEqual([]);
  });
});

describe('another client', () => {
  it('brings the token of the request that it came by', () => {
    const client = {};
    expect(handshakeOf(client)).toBeUndefined();
    rememberUpgrade(client, request({ authorization: 'Bearer a' }));
    expect(tokenOf(handshakeOf(client))).toBe('a');
  });

  it.each([undefined, null, 'text'])('is not %j', (client) => {
    expect(handshakeOf(client)).toBeUndefined();
  });
});

describe('the values of Authorization', () => {
  it.each<[string, Partial<RequestLike>, readonly string[]]>([
    ['repetitions', request({ authorization: 'a' }, 'Authorization', 'a', 'authorization', 'b'), ['a', 'b']],
    ["the web's Headers", { headers: new Headers({ Authorization: 'a' }) }, ['a']],
    ['a list', { headers: { authorization: ['a', 'b'] } }, ['a', 'b']],
    ['no headers', {}, []],
  ])('are read from %s', (_, given, values) => {
    expect(authorizationOf(given)).toEqual(values);
  });

  it.each([
    ['any spelling', { AUTHORIZATION: 'a', Authorization: ['b'], other: 'c' }, ['a', 'b']],
    ['bytes', { authorization: Buffer.from('a') }, ['a']],
    ['other values, which the core refuses', { authorization: [7, null] }, ['']],
    ['text', 'authorization', []],
    ['null', null, []],
  ])('are read from a bag with %s', (_, bag, values) => {
    expect(authorizationIn(bag)).toEqual(values);
  });

  it('are handed over as one header, repeated', () => {
    expect(requestWith(['a', 'b'], { authorization: 'c', other: 'd' })).toEqual({
      headers: { authorization: 'a', other: 'd' },
      rawHeaders: ['authorization', 'a', 'authorization', 'b'],
    });
    expect(requestWith([])).toEqual({ headers: {}, rawHeaders: [] });
  });
});

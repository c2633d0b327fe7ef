import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { closeCodeOf, endConnection, onConnectionEnded, refusalOf } from '../../src/connections.js';
import { KeysUnavailableError, TokenError, toHttp } from '../../src/index.js';

const expired = toHttp(new TokenError({ code: 'token_expired', message: 'm', hint: 'h' }));
const away = toHttp(new KeysUnavailableError({ message: 'm', hint: 'h', retryAfter: 5 }));

it('a refusal without headers says what they would have said', () => {
  expect(refusalOf(expired)).toEqual({
    ...expired.body,
    message: expired.body.detail,
    challenge: expired.headers['WWW-Authenticate'],
  });
  expect(refusalOf(away)).toMatchObject({ code: 'keys_unavailable', retryAfter: 5 });
});

it.each([
  [401, 4401],
  [403, 4403],
  [404, 4403],
  [500, 1011],
  [503, 1013],
])('a WebSocket that is refused with %i is closed with %i', (status, code) => {
  expect(closeCodeOf({ ...expired, status })).toBe(code);
});

describe('a connection', () => {
  it('of ws is closed with the code and the reason', () => {
    const close = vi.fn();
    endConnection({ close }, expired);
    expect(close.mock.calls).toEqual([[4401, 'token_expired']]);
  });

  it('of socket.io is told the refusal, and disconnected with all of its namespaces', () => {
    const disconnect = vi.fn();
    const emit = vi.fn();
    endConnection({ disconnect, emit }, expired);
    expect(emit.mock.calls).toEqual([['exception', refusalOf(expired)]]);
    expect(disconnect.mock.calls).toEqual([[true]]);
  });

  it.each([
    ['ws', { readyState: 1 }, 'close'],
    ['socket.io', { connected: true, disconnect: () => {} }, 'disconnect'],
  ])('of %s says when it has ended', (_, state, event) => {
    const ended = vi.fn();
    const client = Object.assign(new EventEmitter(), state);
    onConnectionEnded(client, ended);
    expect(ended).not.toHaveBeenCalled();
    client.emit(event);
    expect(ended).toHaveBeenCalledOnce();
  });

  it.each([
    ['ws', { readyState: 3 }],
    ['socket.io', { connected: false, disconnect: () => {} }],
  ])('of %s that has ended says so at once', (_, client) => {
    const ended = vi.fn();
    onConnectionEnded(client, ended);
    expect(ended).toHaveBeenCalledOnce();
  });
});

import { ConfigurationError, UnavailableError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { type RedisAddress, redisAddress } from '../src/redis/redis-address.js';
import { redisFailure } from '../src/redis/redis-failure.js';

const address = redisAddress('redis://ada:geheim@cache.contoso.example:6379/2', {}) as RedisAddress;
const tls = redisAddress('rediss://ada:geheim@cache.contoso.example:6380', {}) as RedisAddress;

describe('the address of a Redis', () => {
  it('is shown without user and password', () => {
    expect(address).toEqual({
      url: 'redis://ada:geheim@cache.contoso.example:6379/2',
      shown: 'redis://cache.contoso.example:6379/2',
      tls: false,
      loopback: false,
      exposed: true,
    });
    expect(tls).toMatchObject({ shown: 'rediss://cache.contoso.example:6380', tls: true });
  });

  it('comes from the flag, else from the environment', () => {
    const env = { ENTRA_GUARD_REDIS_URL: ' redis://:geheim@[::1] ' };
    expect(redisAddress(undefined, env)).toMatchObject({
      shown: 'redis://[::1]',
      loopback: true,
      exposed: false,
    });
    expect(redisAddress('redis://localhost', env)).toMatchObject({ loopback: true, exposed: false });
    expect(redisAddress(undefined, { ENTRA_GUARD_REDIS_URL: ' ' })).toBeUndefined();
  });

  it.each([
    '',
    'cache:6379',
    'https://:geheim@cache',
    'redis://',
    'redis://:gehe/im@cache',
    'redis:///var/run/redis.sock',
  ])('is refused without being repeated: %s', (url) => {
    let message = '';
    try {
      redisAddress(url, {});
    } catch (error) {
      message = `${(error as Error).message} ${(error as { readonly hint?: string }).hint}`;
    }
    expect(message).toMatch(/^--redis is not the URL of a Redis\. Write redis:\/\/host:6379/);
    expect(message).not.toContain('gehe');
  });
});

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('what went wrong with Redis', () => {
  it.each<[string, Error, string]>([
    ['a wrong name', coded('ENOTFOUND'), 'The name cannot be resolved'],
    ['no way', coded('ETIMEDOUT'), 'Nothing answers'],
    ['several addresses', new AggregateError([coded('ECONNREFUSED')]), 'Nothing listens there'],
    ['an inner error', new Error('failed', { cause: coded('EHOSTUNREACH') }), 'Nothing answers'],
    ['a closed connection', named('Error', 'Socket closed unexpectedly'), 'wants TLS'],
    ['no reply', named('DeadlineError', 'Redis did not reply within 5000 ms.'), 'It is not known whether'],
    ['no password', new Error('NOAUTH Authentication required.'), 'Give it a password'],
    ['a wrong password', new Error('WRONGPASS invalid'), 'Correct user and password'],
    [
      'a reader',
      new Error("NOPERM this user has no permissions to run the 'xadd' command"),
      'that may write',
    ],
    ['a replica', new Error("READONLY You can't write against a read only replica."), 'Name the primary'],
    ['protected mode', new Error('DENIED Redis is running in protected mode'), 'this machine alone'],
    ['full memory', new Error("OOM command not allowed when used memory > 'maxmemory'."), 'Raise maxmemory'],
    ['a full disk', new Error('MISCONF Redis is configured to save'), 'could not save'],
    ['another application', new Error('WRONGTYPE Operation against a key'), 'Another application'],
    ['an old server', new Error('ERR syntax error'), 'Redis 6.2'],
    ['a certificate', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'NODE_EXTRA_CA_CERTS'],
  ])('is told with what to do: %s', (_, error, hint) => {
    const failure = redisFailure(error, address);
    expect(failure?.message).toContain('redis://cache.contoso.example:6379/2');
    expect(failure?.hint).toContain(hint);
  });

  it('names the server of a cluster that has the records', () => {
    expect(redisFailure(new Error('MOVED 1234 10.0.0.7:7001'), tls)).toEqual({
      message:
        'rediss://cache.contoso.example:6380 belongs to a cluster, and the records are on another of its servers.',
      hint: 'Name that one: --redis rediss://10.0.0.7:7001, with user and password as before.',
    });
  });

  it.each([new Error('Connection timeout'), coded('ERR_SSL', 'ssl3_get_record:wrong version number')])(
    'asks whether TLS is spoken where that was wanted: %s',
    (error) => {
      expect(redisFailure(error, tls)?.hint).toContain('Does it speak TLS there?');
    },
  );

  it('repeats no password', () => {
    const { message = '' } = redisFailure(coded('ECONNREFUSED', `connect ${address.url}`), address) ?? {};
    expect(message).toContain('redis://cache.contoso.example:6379/2');
    expect(message).not.toContain('geheim');
  });

  it('keeps the words of the store', () => {
    const unavailable = new UnavailableError({
      part: 'revocations',
      message: 'Not there.',
      hint: 'Again.',
      retryAfter: 1,
    });
    expect(redisFailure(unavailable, address)).toEqual({ message: 'Not there.', hint: 'Again.' });
  });

  it.each([new ConfigurationError('a', 'b'), new TypeError('a bug'), 'text'])(
    'is not everything: %s',
    (error) => {
      expect(redisFailure(error, address)).toBeUndefined();
    },
  );
});

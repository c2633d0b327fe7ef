import { TokenError, toHttp } from '@entra-guard/core';
import {
  BearerStrategy,
  EntraGuardError,
  StrategyError,
  type VerifyBearerFunction,
} from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentenceOf } from '../../support/sentences.js';
import { act, type Given } from './acting.js';
import { appOf, ask, everybody, hosts, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

/** Makes the user's token with another text as its payload. */
function withPayload(text: string): string {
  const [header, , signature] = ada().token.split('.');
  return `${header}.${Buffer.from(text).toString('base64url')}.${signature}`;
}
const ada = () => entra.user('ada', { scp: 'Orders.Read' });
const host = hosts[1];
const CANNOT_VERIFY = 'In Strategy.prototype.jwtVerify: cannot verify token';
const UNKNOWN_KEY = 'In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate';

describe('legacyResponses: true', () => {
  const rows: readonly (readonly [name: string, given: () => Given, hidden: string, shown: string])[] = [
    ['no token', () => ({}), 'token is not found', 'token is not found'],
    [
      'another scheme',
      () => ({ headers: { authorization: 'Basic eA==' } }),
      'token is not found',
      'token is not found',
    ],
    [
      'a broken header',
      () => ({ headers: { authorization: 'Bearer a b' } }),
      'token is not found',
      'token is not found',
    ],
    [
      'a token in the query',
      () => ({ ...ada(), query: { access_token: 'x' } }),
      'In Strategy.prototype.authenticate: access_token should be passed in request header or body. query is unsupported',
      'In Strategy.prototype.authenticate: access_token should be passed in request header or body. query is unsupported',
    ],
    [
      'two tokens',
      () => ({ ...ada(), method: 'POST', body: { access_token: 'x' } }),
      'In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
      'In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body',
    ],
    [
      'no JWT',
      () => entra.wrong.notAJwt(),
      'error: invalid_token',
      'error: invalid_token, error description: In Strategy.prototype.jwtVerify: Invalid JWT token.',
    ],
    [
      'a payload that is not an object',
      () => ({ headers: { authorization: `Bearer ${withPayload('"text"')}` } }),
      CANNOT_VERIFY,
      CANNOT_VERIFY,
    ],
    ['no expiry', () => entra.wrong.noExpiry(), CANNOT_VERIFY, CANNOT_VERIFY],
    ['no key ID', () => entra.wrong.noKid(), UNKNOWN_KEY, UNKNOWN_KEY],
    ['an expired token', () => entra.wrong.expired(), CANNOT_VERIFY, 'jwt is expired'],
    ['a token that is not yet valid', () => entra.wrong.notYetValid(), CANNOT_VERIFY, 'jwt is not active'],
    ['another audience', () => entra.wrong.audience(), CANNOT_VERIFY, 'jwt audience is invalid'],
    ['another tenant', () => entra.wrong.tenant(), CANNOT_VERIFY, 'jwt issuer is invalid'],
    ['another issuer', () => entra.wrong.issuer(), CANNOT_VERIFY, 'jwt issuer is invalid'],
    ['another algorithm', () => entra.wrong.algHs256(), CANNOT_VERIFY, 'invalid algorithm'],
    ['a broken signature', () => entra.wrong.signature(), CANNOT_VERIFY, 'invalid signature'],
    ['an ID token, for which there was no text', () => entra.wrong.idToken(), CANNOT_VERIFY, CANNOT_VERIFY],
    [
      'an app without a role, for which there was no text',
      () => entra.wrong.withoutPermissions(),
      CANNOT_VERIFY,
      CANNOT_VERIFY,
    ],
  ];
  it.each(rows)('has the text of passport-azure-ad and no status: %s', async (_, given, hidden, shown) => {
    const { log: _log, ...options } = trusting(entra, { legacyResponses: true });
    const told = (loggingNoPII: boolean) =>
      act(new BearerStrategy({ ...options, log: false, loggingNoPII }, everybody), given());
    expect(await told(true)).toEqual({ did: 'fail', challenge: hidden, status: undefined });
    expect(await told(false)).toEqual({ did: 'fail', challenge: shown, status: undefined });
  });

  it('answers a token without any scope with a separate text', async () => {
    const strategy = new BearerStrategy(
      trusting(entra, { legacyResponses: true, scope: ['Orders.Write'] }),
      everybody,
    );
    expect(await act(strategy, entra.app('daemon', { roles: ['Orders.Read.All'] }))).toMatchObject({
      challenge: 'In Strategy.prototype.jwtVerify: scope is not found in token',
    });
  });

  it('answers 401 to a missing scope', async () => {
    const strategy = new BearerStrategy(
      trusting(entra, { legacyResponses: true, scope: ['Orders.Write'] }),
      everybody,
    );
    expect(await ask(appOf(host, strategy), { headers: ada().headers })).toMatchObject({
      status: 401,
      challenge: 'In Strategy.prototype.jwtVerify: none of the scopes in token is accepted',
      body: 'Unauthorized',
    });
  });

  it.each([
    ['a sentence', 'no such user', ', error description: no such user'],
    ['an object', { why: 'blocked' }, ', error description: {"why":"blocked"}'],
    [
      'characters that a header can not hold',
      'nein, niemals\r\nX-Evil: ä',
      ', error description: nein, niemals??X-Evil: ?',
    ],
    ['a value that can not be serialised', { id: 1n }, ''],
    ['nothing', undefined, ''],
  ])("gives verify's reason only with loggingNoPII: false: %s", async (_, info, shown) => {
    const told = async (loggingNoPII: boolean) => {
      const options = trusting(entra, { legacyResponses: true, loggingNoPII });
      const strategy = new BearerStrategy(options, (_token, done) => done(null, false, info));
      return (await ask(appOf(host, strategy), { headers: ada().headers })).challenge;
    };
    expect(await told(true)).toBe('error: invalid_token');
    expect(await told(false)).toBe(`error: invalid_token${shown}`);
  });

  it('still answers 503 where keys are unavailable', async () => {
    const broken = await startEntra();
    broken.fail('keys', 503);
    const strategy = new BearerStrategy(trusting(broken, { legacyResponses: true }), everybody);
    expect(await ask(appOf(host, strategy), { headers: broken.user('ada').headers })).toMatchObject({
      status: 503,
    });
    await broken.close();
  });
});

describe.each(hosts)('answers by RFC 6750 on %s', (...given) => {
  const status = async (strategy: BearerStrategy, headers = ada().headers) =>
    ask(appOf(given, strategy), { headers });

  it('are 400 for a broken header', async () => {
    const answer = await status(new BearerStrategy(trusting(entra), everybody), {
      authorization: 'Bearer a b',
    });
    expect(answer.status).toBe(400);
    expect(answer.challenge).toContain('error="invalid_request"');
  });

  it('are 403 for an app without a role', async () => {
    const answer = await status(
      new BearerStrategy(trusting(entra), everybody),
      entra.wrong.withoutPermissions().headers,
    );
    expect(answer.status).toBe(403);
    expect(answer.challenge).toContain('error="insufficient_scope"');
  });

  it('are 401 invalid_token without a reason if verify finds no user', async () => {
    const refusing: VerifyBearerFunction = (_token, done) => done(null, false, 'a reason of ours');
    const answer = await status(new BearerStrategy(trusting(entra), refusing));
    expect(answer).toMatchObject({ status: 401, body: 'Unauthorized' });
    expect(answer.challenge).toBe(
      `Bearer realm="${entra.tenantId}", error="invalid_token", error_description="${sentenceOf('token_not_accepted')}"`,
    );
  });

  it('are 503 with Retry-After if keys are unavailable, through the error handler', async () => {
    const broken = await startEntra();
    broken.fail('metadata', 'garbage');
    const answer = await ask(appOf(given, new BearerStrategy(trusting(broken), everybody)), {
      headers: broken.user('ada').headers,
    });
    expect(answer).toMatchObject({ status: 503, challenge: undefined });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(answer.body)).toEqual({ error: sentenceOf('keys_unavailable') });
    await broken.close();
  });

  it('cause no request for keys without a token', async () => {
    const fresh = await startEntra();
    await ask(appOf(given, new BearerStrategy(trusting(fresh), everybody)));
    expect(fresh.requests).toEqual([]);
    await fresh.close();
  });
});

describe('verify', () => {
  const did = (verify: VerifyBearerFunction, changes = {}) =>
    act(new BearerStrategy(trusting(entra, changes), verify), ada());
  const failure = new Error('database down');

  it.each<readonly [string, VerifyBearerFunction]>([
    ['is given to done', (_token, done) => done(failure)],
    [
      'is thrown',
      () => {
        throw failure;
      },
    ],
    ['is a rejection', (() => Promise.reject(failure)) as unknown as VerifyBearerFunction],
  ])('makes its error the error of the request: it %s', async (_, verify) => {
    expect(await did(verify)).toEqual({ did: 'error', error: failure });
  });

  it.each([undefined, null, '', 'route', 'router'])(
    'never gives Express an error that would make it go on: %s',
    async (thrown) => {
      const { did: what, error } = await did((() =>
        Promise.reject(thrown)) as unknown as VerifyBearerFunction);
      expect(what).toBe('error');
      expect(error).toBeInstanceOf(Error);
    },
  );

  it('is counted once: later answers are ignored', async () => {
    const acts = await did((_token, done) => {
      done(null, { first: true }, 'info');
      done(new Error('too late'));
      done(null, { second: true });
    });
    expect(acts).toEqual({ did: 'success', user: { first: true }, info: 'info' });
  });

  it('gets its own copy of the claims', async () => {
    const again = ada();
    const strategy = new BearerStrategy(trusting(entra), (token, done) => {
      token.roles = [...(token.roles ?? []), 'mine'];
      (token as Record<string, unknown>).user = { id: token.oid };
      done(null, token);
    });
    for (const _ of [1, 2]) {
      const { user } = await act(strategy, again);
      expect(user).toEqual({ ...again.claims, roles: ['mine'], user: { id: again.claims.oid } });
      expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
    }
  });

  it('is never called for a token that was refused', async () => {
    let asked = 0;
    const strategy = new BearerStrategy(trusting(entra, { scope: ['Orders.Write'] }), (_token, done) => {
      asked++;
      done(null, {});
    });
    for (const given of [ada(), entra.wrong.expired(), entra.wrong.stranger(), {}])
      await act(strategy, given);
    expect(asked).toBe(0);
  });

  it('gets the request first with passReqToCallback', async () => {
    const strategy = new BearerStrategy(
      { ...trusting(entra), passReqToCallback: true },
      (request, token, done) => done(null, { method: request.method }, token.oid),
    );
    expect(await act(strategy, { ...ada(), method: 'PUT' })).toEqual({
      did: 'success',
      user: { method: 'PUT' },
      info: ada().claims.oid,
    });
  });

  it('answers each of two requests that one strategy object serves', async () => {
    const strategy = new BearerStrategy(trusting(entra), (token, done) => done(null, token.name));
    const answered: unknown[] = [];
    const ask = (name: string) =>
      new Promise<void>((resolve) => {
        // Passport sets the actions on the strategy object with `passport.authenticate(strategy)`.
        Object.assign(strategy, {
          success: (user: unknown) => {
            answered.push([name, user]);
            resolve();
          },
          fail: resolve,
          error: resolve,
        });
        const { headers } = entra.user(name, { name, scp: 'Orders.Read' });
        strategy.authenticate({ method: 'GET', headers } as unknown as Parameters<
          typeof strategy.authenticate
        >[0]);
      });
    await Promise.all([ask('ada'), ask('grace')]);
    expect(answered).toEqual([
      ['ada', 'ada'],
      ['grace', 'grace'],
    ]);
  });
});

describe('errors that reach the application', () => {
  it('have a cause, and contain no token', async () => {
    const broken = await startEntra();
    broken.fail('keys', 503);
    const { token, headers } = broken.user('ada');
    const { error } = await act(new BearerStrategy(trusting(broken), everybody), { headers });
    const { cause } = error as Error;
    expect(EntraGuardError.is(cause) && cause.code).toBe('keys_unavailable');
    expect(JSON.stringify([error, cause, String(error), String(cause)])).not.toContain(token.slice(0, 40));
    await broken.close();
  });

  it('do not show callers which tenants are accepted', () => {
    const cause = new TokenError({
      code: 'tenant_not_accepted',
      message: 'Found tenant 3, expected tenant 1.',
      hint: 'Add it to tenants.',
      concealed: true,
    });
    const error = new StrategyError(cause, toHttp(cause));
    expect(error).toMatchObject({ code: 'token_not_accepted', cause });
    expect(JSON.stringify([error, { ...error }, String(error.stack)])).not.toMatch(/tenant [13]|tenant_/);
  });
});

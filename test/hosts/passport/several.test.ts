import { BearerStrategy } from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { Express, RequestHandler, Response } from 'express5';
import type { Authenticator, Strategy } from 'passport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, everybody, hosts, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

/** Accepts requests with the key, asynchronously. */
class KeyStrategy {
  name = 'key';
  declare success: (user: object) => void;
  declare fail: (challenge: string) => void;
  authenticate({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): void {
    setImmediate(() => {
      if (headers['x-key'] === 'right') this.success({ by: 'key' });
      else this.fail('Key');
    });
  }
}

const KEY = { 'x-key': 'right' };
const list: RequestHandler = (req, res) => void res.json(req.user ?? null);

describe.each(hosts)('%s', (_, express, { Passport }) => {
  const passport = new Passport() as unknown as Authenticator;
  beforeAll(() => {
    passport.use(new BearerStrategy(trusting(entra, { scope: ['Orders.Write'] }), everybody));
    passport.use(new KeyStrategy() as unknown as Strategy);
  });
  const appOf = (...handlers: readonly RequestHandler[]): Express => {
    const app = express();
    app.get('/', ...handlers);
    return app;
  };
  const either = (options = {}): RequestHandler =>
    passport.authenticate(['oauth-bearer', 'key'], { session: false, ...options });
  const withoutScope = () => entra.user('ada', { scp: 'Orders.Read' }).headers;
  const broken = { authorization: 'Bearer a b' };

  it('several strategies: a caller that a later one lets in is not challenged', async () => {
    for (const headers of [withoutScope(), broken, {}]) {
      const answer = await ask(appOf(either(), list), { headers: { ...headers, ...KEY } });
      expect(answer).toMatchObject({ status: 200, challenge: undefined, body: '{"by":"key"}' });
      expect(answer.headers['cache-control']).toBeUndefined();
    }
  });

  it('several strategies: a caller that none lets in gets the challenge', async () => {
    const missing = await ask(appOf(either(), list), { headers: withoutScope() });
    expect(missing.status).toBe(403);
    expect(missing.challenge).toContain('error="insufficient_scope"');
    const nothing = await ask(appOf(either(), list));
    expect(nothing).toMatchObject({ status: 401, challenge: `Bearer realm="${entra.tenantId}", Key` });
  });

  it('several strategies: a later refusal by the handler has no challenge', async () => {
    const refusing: RequestHandler = (_req, res) => void res.status(403).json({ mine: true });
    for (const options of [{}, { assignProperty: 'account' }]) {
      const answer = await ask(appOf(either(options), refusing), { headers: { ...withoutScope(), ...KEY } });
      expect(answer).toMatchObject({ status: 403, challenge: undefined });
    }
  });

  const told = (
    answer: (res: Response, status: number | undefined, next: () => void) => void,
  ): RequestHandler => {
    return (req, res, next) => {
      const callback = (_error: unknown, _user: unknown, _info: unknown, status?: number) =>
        void setImmediate(() => answer(res, status, next));
      passport.authenticate('oauth-bearer', { session: false }, callback)(req, res, next);
    };
  };

  it('a callback: one that goes on without a caller gets no challenge on the response', async () => {
    const answer = await ask(
      appOf(
        told((_res, _status, next) => next()),
        list,
      ),
      { headers: withoutScope() },
    );
    expect(answer).toMatchObject({ status: 200, challenge: undefined });
  });

  it('a callback: one that answers with the status of the refusal gets the challenge too', async () => {
    const answer = await ask(appOf(told((res, status) => void res.status(status ?? 500).json({}))), {
      headers: withoutScope(),
    });
    expect(answer.status).toBe(403);
    expect(answer.challenge).toContain('error="insufficient_scope"');
  });

  it('a callback: its own challenge is kept', async () => {
    const answer = await ask(
      appOf(told((res) => void res.status(403).set('WWW-Authenticate', 'Mine').json({}))),
      { headers: withoutScope() },
    );
    expect(answer).toMatchObject({ status: 403, challenge: 'Mine' });
  });
});

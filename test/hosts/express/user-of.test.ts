import type { IncomingMessage } from 'node:http';
import {
  anonymous,
  authOf,
  type DecisionEvent,
  entraGuard,
  type LoadUser,
  type LogEntry,
  onEvent,
  scopes,
  userOf,
} from '@entra-guard/express';
import { actAs, standInGuard, testAuth } from '@entra-guard/express/testing';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { call } from './call.js';
import { majors } from './majors.js';

interface User {
  readonly name: string | undefined;
}

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const read = scopes('Orders.Read');
const get = (name?: string) => ({
  method: 'GET' as const,
  path: '/orders/7',
  headers:
    name === undefined
      ? []
      : [['Authorization', entra.user(name, { scp: 'Orders.Read' }).headers.authorization] as const],
});

/** Catches what an `async` handler throws, as Express 5 does. */
const handler =
  (answer: (request: IncomingMessage) => Promise<unknown>): RequestHandler =>
  (request, response, next) =>
    void answer(request).then((body) => response.json(body), next);
const whoIs = handler((request) => userOf<User>(request));

describe.each(majors)('userOf(req) on %s', (_, express) => {
  function make(loadUser: LoadUser = ({ auth }) => ({ name: auth.claims.preferred_username })) {
    const asked: Parameters<LoadUser>[0][] = [];
    const log: LogEntry[] = [];
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
    const guard = entraGuard({
      ...entra.options(),
      log: (entry) => void log.push(entry),
      loadUser: (context) => {
        asked.push(context);
        return loadUser(context);
      },
    });
    return { guard, asked, log, events, app: express() };
  }

  it('is what loadUser gives for the caller, once for a request', async () => {
    const { guard, asked, app } = make(async ({ auth }) => ({ name: auth.subjectKey }));
    const twice = handler(async (request) => {
      const [first, second] = await Promise.all([userOf(request), userOf(request)]);
      return { same: first === second, of: authOf(request)?.subjectKey, user: first };
    });
    app.use(guard.authenticate());
    app.get('/orders/:id', guard.require(read), guard.require(anonymous()), twice);
    const body = JSON.parse((await call(app, get('ada'))).body);
    expect(body).toEqual({ same: true, of: expect.any(String), user: { name: body.of } });
    expect(asked).toMatchObject([{ request: { params: { id: '7' } } }]);
  });

  it('is not asked for where no handler reads it', async () => {
    const { guard, asked, app } = make();
    app.get('/orders/:id', guard.require(read), (request, response) => {
      response.json({ kind: authOf(request)?.kind });
    });
    expect((await call(app, get('ada'))).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it('refuses an unknown user with 403 user_unknown, answered by guard.answerErrors()', async () => {
    const { guard, app, log, events } = make(async () => undefined);
    app.get('/orders/:id', guard.require(read), whoIs);
    app.use(guard.answerErrors());
    const { status, body, headers } = await call(app, get('ada'));
    expect([status, JSON.parse(body).code]).toEqual([403, 'user_unknown']);
    expect(headers.get('content-type')).toEqual(['application/problem+json']);
    expect(events.at(-1)).toMatchObject({
      outcome: 'deny',
      code: 'user_unknown',
      handler: 'GET /orders/:id',
      who: { kind: 'user' },
    });
    expect(log).toMatchObject([{ event: 'refused', code: 'user_unknown', handler: 'GET /orders/:id' }]);
  });

  it('is a 500 where loadUser fails, and is logged once', async () => {
    const { guard, app, log } = make(() => Promise.reject(new Error('no database')));
    app.get('/orders/:id', guard.require(read), whoIs);
    app.use(guard.answerErrors());
    const { status, body } = await call(app, get('ada'));
    expect([status, JSON.parse(body).code]).toEqual([500, 'check_failed']);
    expect(body).not.toContain('loadUser');
    expect(log).toMatchObject([{ level: 'error', code: 'check_failed', cause: 'Error: no database' }]);
  });

  it('has the status and headers that Express’s own error handler sends, and its words for callers', async () => {
    const { guard, app } = make(async () => undefined);
    app.get('/orders/:id', guard.require(read), whoIs);
    const { status, body, headers } = await call(app, get('ada'));
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')?.[0]).toContain('error="insufficient_scope"');
    expect(body).not.toContain('loadUser');
  });

  it('is the user of the caller that the last guard let pass', async () => {
    const { guard, app, asked } = make();
    const plain = entraGuard({ ...entra.options(), log: false });
    const errors: unknown[] = [];
    const keep: ErrorRequestHandler = (error, _request, response, _next) => {
      errors.push(error);
      response.sendStatus(500);
    };
    app.get('/orders/:id', guard.require(read), plain.require(read), whoIs);
    app.use(keep);
    await call(app, get('ada'));
    expect(errors).toMatchObject([{ name: 'ConfigurationError' }]);
    expect(String(errors[0])).toContain('the guard that let the caller pass has no loadUser');
    expect(asked).toEqual([]);
  });

  it('rejects without a caller, and loadUser is not asked', async () => {
    const { guard, app, asked } = make();
    const failed = handler(async (request) => ({
      error: await userOf(request).catch((error) => String(error)),
    }));
    app.get('/orders/1', guard.require(anonymous()), failed);
    app.get('/orders/2', guard.authenticate({ optional: true }), failed);
    app.get('/orders/3', failed);
    for (const path of ['/orders/1', '/orders/2', '/orders/3']) {
      const { body } = await call(app, { ...get(), path });
      expect(body).toContain('no guard has let a caller pass');
    }
    expect(asked).toEqual([]);
  });

  it('rejects after a refusal that an error handler lets go on', async () => {
    const asked: unknown[] = [];
    const guard = entraGuard({
      ...entra.options(),
      log: false,
      passErrors: true,
      loadUser: (context) => {
        asked.push(context);
        return {};
      },
    });
    const goOn: ErrorRequestHandler = (_error, _request, _response, next) => next();
    const app = express();
    app.get('/orders/:id', guard.require(scopes('Orders.Write')), goOn, whoIs);
    expect((await call(app, get('ada'))).status).toBe(500);
    expect(asked).toEqual([]);
  });

  it('is loaded by the stand-ins for tests', async () => {
    const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    const loadUser: LoadUser = ({ auth }) => ({ name: auth.subjectKey });
    const standIn = standInGuard(ada, { log: false, loadUser });
    for (const guard of [standIn.require(read), actAs(ada, { loadUser })]) {
      const { body } = await call(express().get('/orders/:id', guard, whoIs), get());
      expect(JSON.parse(body)).toEqual({ name: ada.subjectKey });
    }
    const { status } = await call(express().get('/orders/:id', actAs(ada), whoIs), get());
    expect(status).toBe(500);
  });
});

describe('userOf(req) once the header has changed', () => {
  it('Ada’s never serves Bob', async () => {
    const guard = entraGuard({
      ...entra.options(),
      log: false,
      loadUser: ({ auth }) => ({ name: auth.objectId }),
    });
    const of = (name: string) => entra.user(name, { scp: 'Orders.Read' }).headers.authorization;
    const request = { headers: { authorization: of('ada') }, method: 'GET' } as IncomingMessage;
    const pass = () => new Promise((resolve) => guard.require(read)(request, {} as never, resolve));
    await pass();
    const ada = await userOf<User>(request);
    request.headers.authorization = of('bob');
    await expect(userOf(request)).rejects.toThrow('no guard has let a caller pass');
    await pass();
    expect((await userOf<User>(request)).name).not.toBe(ada.name);
    expect((await userOf<User>(request)).name).toBe(authOf(request)?.objectId);
  });
});

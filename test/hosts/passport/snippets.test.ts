import {
  BearerStrategy,
  type IBearerStrategyOption,
  type IBearerStrategyOptionWithRequest,
  type ITokenPayload,
  type VerifyCallback,
} from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { Express, NextFunction, Request, Response } from 'express5';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, hosts } from './app.js';

// Typical uses of passport-azure-ad in services. Only the import is changed.

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
  const real = globalThis.fetch;
  const throughEntra: typeof real = (input, init) =>
    new URL(String(input)).hostname === '127.0.0.1' ? real(input, init) : entra.fetch(input, init);
  vi.stubGlobal('fetch', throughEntra);
  for (const level of ['warn', 'info'] as const) vi.spyOn(console, level).mockReturnValue();
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await entra.close();
});

const get = (app: Express, path: string, headers: Readonly<Record<string, string>> = {}) =>
  ask(app, { path, headers });

describe.each(hosts)('with only the import changed, on %s', (_, express, { Passport }) => {
  const authority = 'login.microsoftonline.com';
  const version = 'v2.0';
  const discovery = '.well-known/openid-configuration';
  const config = () => {
    const { clientId, tenantId } = entra.options();
    return { clientID: clientId, tenantID: tenantId };
  };

  it('an API that refuses tokens without permissions in verify, and answers in its own callback', async () => {
    const { clientID, tenantID } = config();
    const passport = new Passport();
    const app = express();
    const options: IBearerStrategyOptionWithRequest = {
      identityMetadata: `https://${authority}/${tenantID}/${version}/${discovery}`,
      issuer: `https://${authority}/${tenantID}/${version}`,
      clientID,
      audience: clientID,
      validateIssuer: true,
      passReqToCallback: true,
      loggingLevel: 'info',
      loggingNoPII: true,
    };
    const bearerStrategy = new BearerStrategy(
      options,
      (_req: Request, token: ITokenPayload, done: VerifyCallback) => {
        if (!Object.hasOwn(token, 'scp') && !Object.hasOwn(token, 'roles')) {
          return done(new Error('Unauthorized'), null, 'No delegated or app permission claims found');
        }
        return done(null, {}, token);
      },
    );
    app.use(passport.initialize());
    passport.use(bearerStrategy);
    app.use('/api', (req: Request, res: Response, next: NextFunction) => {
      const answer = (error: Error | null, user: unknown, info: ITokenPayload) => {
        if (error) return res.status(401).json({ error: error.message });
        if (!user) return res.status(401).json({ error: 'Unauthorized' });
        if (info) {
          req.authInfo = info;
          return next();
        }
        return undefined;
      };
      passport.authenticate('oauth-bearer', { session: false }, answer)(req, res, next);
    });
    app.get('/api/todos', (req, res) => {
      const { scp, roles } = req.authInfo as ITokenPayload;
      res.json({ scp, roles });
    });

    const { headers } = entra.user('ada', { scp: 'Todos.Read' });
    expect(JSON.parse((await get(app, '/api/todos', headers)).body)).toEqual({ scp: 'Todos.Read' });
    const daemon = entra.app('daemon', { roles: ['Todos.Read.All'] });
    expect(JSON.parse((await get(app, '/api/todos', daemon.headers)).body)).toEqual({
      roles: ['Todos.Read.All'],
    });
    for (const wrong of [{}, entra.wrong.expired().headers, entra.wrong.withoutPermissions().headers]) {
      const answer = await get(app, '/api/todos', wrong);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([401, { error: 'Unauthorized' }]);
    }
  });

  it('a route guard that requires scopes', async () => {
    const { clientID, tenantID } = config();
    const passport = new Passport();
    const options: IBearerStrategyOption = {
      identityMetadata: `https://${authority}/${tenantID}/${version}/${discovery}`,
      clientID,
      audience: clientID,
      policyName: '',
      isB2C: false,
      validateIssuer: true,
      loggingLevel: 'warn',
      passReqToCallback: false,
      scope: ['access_as_user'],
    };
    passport.use(new BearerStrategy(options, (token, done) => done(null, {}, token)));
    const guard = passport.authenticate('oauth-bearer', { session: false });
    const app = express();
    app.get('/resources', guard, (req, res) => {
      res.json((req.authInfo as ITokenPayload).name);
    });

    const { headers, claims } = entra.user('ada', { scp: 'access_as_user' });
    expect(JSON.parse((await get(app, '/resources', headers)).body)).toBe(claims.name);
    expect((await get(app, '/resources', entra.user('ada', { scp: 'Other' }).headers)).status).toBe(403);
    expect((await get(app, '/resources')).status).toBe(401);
  });

  it('a factory for the users of any tenant', async () => {
    const { clientID } = config();
    const strategy = (audience: string) =>
      new BearerStrategy(
        {
          identityMetadata: `https://${authority}/common/${version}/${discovery}`,
          clientID,
          audience,
          validateIssuer: false,
          passReqToCallback: false,
          loggingLevel: 'error',
        },
        (token, done) => done(null, { tid: token.tid, name: token.name, upn: token.upn }, token),
      );
    const passport = new Passport();
    passport.use(strategy(clientID));
    const app = express();
    app.get('/me', passport.authenticate('oauth-bearer', { session: false }), (req, res) => {
      res.json(req.user);
    });

    const { headers, claims } = entra.user('ada', { tenant: 'fabrikam', scp: 'access_as_user' });
    expect(JSON.parse((await get(app, '/me', headers)).body)).toEqual({ tid: claims.tid, name: claims.name });
    expect((await get(app, '/me', entra.wrong.issuer().headers)).status).toBe(401);
  });

  it('an API with version 1 tokens and a domain in the metadata', async () => {
    const { clientID } = config();
    const passport = new Passport();
    passport.use(
      new BearerStrategy(
        { identityMetadata: `https://${authority}/contoso.onmicrosoft.com/${discovery}`, clientID },
        (token, done) => done(null, { id: token.oid, roles: ['reader'] }),
      ),
    );
    const app = express();
    app.get('/', passport.authenticate('oauth-bearer', { session: false }), (req, res) => {
      res.json(req.user);
    });

    const { headers, claims } = entra.user('ada', { ver: '1.0', aud: clientID, scp: 'user_impersonation' });
    expect(JSON.parse((await get(app, '/', headers)).body)).toEqual({ id: claims.oid, roles: ['reader'] });
    expect((await get(app, '/', entra.user('ada', { scp: 'user_impersonation' }).headers)).status).toBe(401);
  });

  it('tokens of version 1 with the metadata of version 2', async () => {
    const { clientID, tenantID } = config();
    const passport = new Passport();
    passport.use(
      new BearerStrategy(
        {
          identityMetadata: `https://${authority}/${tenantID}/${version}/${discovery}`,
          clientID,
          issuer: `https://sts.windows.net/${tenantID}/`,
          audience: 'https://orders.contoso.onmicrosoft.com',
          loggingLevel: 'info',
          passReqToCallback: false,
        },
        (token, done) => done(null, {}, token),
      ),
    );
    const app = express();
    app.get('/', passport.authenticate('oauth-bearer', { session: false }), (req, res) => {
      res.json((req.authInfo as ITokenPayload).scp);
    });

    const aud = 'https://orders.contoso.onmicrosoft.com';
    const { headers } = entra.user('ada', { ver: '1.0', aud, scp: 'user_impersonation' });
    expect(JSON.parse((await get(app, '/', headers)).body)).toBe('user_impersonation');
    expect((await get(app, '/', entra.user('ada', { aud, scp: 'user_impersonation' }).headers)).status).toBe(
      401,
    );
  });
});

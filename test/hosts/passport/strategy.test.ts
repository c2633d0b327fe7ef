import { inherits } from 'node:util';
import {
  BearerStrategy,
  ConfigurationError,
  type IBearerStrategyOption,
  StrategyError,
} from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act } from './acting.js';
import { ask, everybody, hosts, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ tenants: ['contoso', 'fabrikam'] });
});
afterAll(() => entra.close());

const ada = () => entra.user('ada', { scp: 'Orders.Read' });

type Maker = (options: IBearerStrategyOption) => BearerStrategy;

function Inheriting(this: BearerStrategy, options: IBearerStrategyOption): void {
  BearerStrategy.call(this, options, everybody);
  this.name = 'azure-ad';
}
inherits(Inheriting, BearerStrategy);

function Reflecting(this: BearerStrategy, options: IBearerStrategyOption): void {
  BearerStrategy.apply(this, [options, everybody]);
}
Reflecting.prototype = Object.create(BearerStrategy.prototype) as BearerStrategy;

describe('a derived strategy', () => {
  const construct = (made: object) => (options: IBearerStrategyOption) =>
    new (made as new (options: IBearerStrategyOption) => BearerStrategy)(options);
  const makers: readonly (readonly [string, Maker])[] = [
    ['by util.inherits and call', construct(Inheriting)],
    ['by Object.create and apply', construct(Reflecting)],
    ['by class', (options) => new (class Derived extends BearerStrategy {})(options, everybody)],
    [
      'by a class that derives from such a class',
      (options) =>
        new (class Derived extends (Inheriting as unknown as typeof BearerStrategy) {})(options, everybody),
    ],
    [
      'by Reflect.construct',
      (options) => Reflect.construct(BearerStrategy, [options, everybody], Reflecting),
    ],
  ];
  it.each(makers)('decides like BearerStrategy: %s', async (_, make) => {
    const strategy = make(trusting(entra));
    expect(strategy).toBeInstanceOf(BearerStrategy);
    expect((await act(strategy, ada())).did).toBe('success');
    expect((await act(strategy, entra.wrong.expired())).did).toBe('fail');
    expect((await act(strategy)).did).toBe('fail');
  });

  it.each(makers)('refuses invalid options: %s', (_, make) => {
    expect(() => make(trusting(entra, { clientID: '' }))).toThrow('clientID cannot be empty');
  });

  it('lets no caller in if the constructor was never called', async () => {
    const { did, error } = await act(Object.create(BearerStrategy.prototype) as BearerStrategy, ada());
    expect(did).toBe('error');
    expect(ConfigurationError.is(error)).toBe(true);
  });
});

it.each([
  ['nothing', undefined],
  ['an object of another kind', {}],
])('a strategy can not be made of %s', (_, self) => {
  const call = BearerStrategy as unknown as (options: object, verify: object) => void;
  expect(() => Reflect.apply(call, self, [trusting(entra), everybody])).toThrow(/Call it with new/);
});

it('a strategy has the name and the methods of the original', () => {
  expect(BearerStrategy).toHaveLength(2);
  expect(BearerStrategy.name).toBe('BearerStrategy');
  const strategy = new BearerStrategy(trusting(entra), everybody);
  expect(Object.keys(strategy)).toEqual(['name']);
  expect(strategy.constructor).toBe(BearerStrategy);
});

it('instanceof recognises a StrategyError by its brand, and a subclass of it by its class', async () => {
  class Mine extends StrategyError {}
  const broken = await startEntra();
  broken.fail('keys', 503);
  const { error } = await act(new BearerStrategy(trusting(broken), everybody), broken.user('ada'));
  await broken.close();
  expect(error).toBeInstanceOf(StrategyError);
  expect(error).not.toBeInstanceOf(Mine);
  const ofAnotherCopy = Object.defineProperty({}, Symbol.for('entra-guard/StrategyError'), { value: true });
  expect(ofAnotherCopy).toBeInstanceOf(StrategyError);
  for (const other of [null, undefined, 'text', {}, new Error('another')]) {
    expect(other).not.toBeInstanceOf(StrategyError);
  }
});

describe.each(hosts)('a request that is authenticated twice, on %s,', (_, express, { Passport }) => {
  const second = async (change: RequestHandler, sent: Parameters<typeof ask>[1]) => {
    const passport = new Passport();
    passport.use(new BearerStrategy(trusting(entra), (token, done) => done(null, { oid: token.oid })));
    const authenticate = passport.authenticate('oauth-bearer', { session: false }) as RequestHandler;
    const app = express();
    app.use(express.json());
    app.all('/', authenticate, change, authenticate, (req, res) => void res.json(req.user));
    return ask(app, sent);
  };
  const asAda = () => ({ headers: ada().headers });

  it.each<readonly [string, () => string | undefined, number]>([
    ['gone', () => undefined, 401],
    ['of another scheme', () => 'Basic eA==', 401],
    ['broken', () => 'Bearer a b', 400],
    ['an expired token', () => entra.wrong.expired().headers.authorization, 401],
  ])('is refused the second time if its header is then %s', async (_, authorization, status) => {
    const answer = await second((req, _res, next) => {
      req.headers.authorization = authorization();
      next();
    }, asAda());
    expect(answer.status).toBe(status);
  });

  it('has another user if its header has another token', async () => {
    const bob = entra.user('bob', { scp: 'Orders.Read' });
    const answer = await second((req, _res, next) => {
      req.headers.authorization = bob.headers.authorization;
      next();
    }, asAda());
    expect(answer).toMatchObject({ status: 200, body: JSON.stringify({ oid: bob.claims.oid }) });
  });

  it('has another user, or is refused, if its body has another token', async () => {
    const bob = entra.user('bob', { scp: 'Orders.Read' });
    const posted = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ access_token: ada().token }),
    };
    const changed = (body: object) =>
      second((req, _res, next) => {
        req.body = body;
        next();
      }, posted);
    expect(await changed({ access_token: bob.token })).toMatchObject({
      status: 200,
      body: JSON.stringify({ oid: bob.claims.oid }),
    });
    expect((await changed({})).status).toBe(401);
  });
});

describe('a list of issuers with the shared address of a local Entra', () => {
  it('lets in the tenants that it names, and no others', async () => {
    const own = await startEntra({ port: 0, tenants: ['contoso', 'fabrikam', 'tailspin'] });
    const issuerOf = (tenant: string) => `${own.origin}/${own.tenantIdOf(tenant)}/v2.0`;
    const base = {
      identityMetadata: `${own.origin}/common/v2.0/.well-known/openid-configuration`,
      clientID: own.clientIdOf('api'),
      log: false,
    } as const;
    const of = (tenant: string) => own.user('ada', { tenant, scp: 'Orders.Read' });
    for (const options of [
      { ...base, issuer: [issuerOf('contoso'), issuerOf('fabrikam')] },
      { ...base, tenants: [own.tenantIdOf('contoso'), own.tenantIdOf('fabrikam')] },
    ]) {
      const strategy = new BearerStrategy(options, everybody);
      for (const tenant of ['contoso', 'fabrikam']) {
        expect((await act(strategy, of(tenant))).did).toBe('success');
      }
      expect((await act(strategy, of('tailspin'))).did).toBe('fail');
    }
    const perRequest = new BearerStrategy(base, everybody);
    const at = { tenantIdOrName: own.tenantIdOf('fabrikam') };
    expect((await act(perRequest, of('fabrikam'), at)).did).toBe('success');
    expect((await act(perRequest, of('contoso'), at)).did).toBe('fail');
    await own.close();
  });
});

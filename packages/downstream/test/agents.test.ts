import { describe, expect, it } from 'vitest';
import { errorOf, SECRET, type Stage, stage } from './stage.js';

const started = () =>
  stage({
    apps: {
      orders: { secret: SECRET, scopes: ['Orders.Read'] },
      stock: { scopes: ['Stock.Read'], appRoles: { 'Stock.Read.All': ['Application'] } },
    },
    agents: { helper: { blueprint: 'orders' } },
  });
const idOf = (made: Stage) => made.entra.clientIdOf('helper');
const grants = (made: Stage) =>
  made.forms.map(
    (form) =>
      `${form.get('client_id') === idOf(made) ? 'agent' : 'blueprint'} ${form.get('grant_type')?.split(':').at(-1)}`,
  );

describe('an agent identity', () => {
  it('acts for a caller: the other API sees the user and the agent', async () => {
    const made = await started();
    const { apis } = made.downstream();
    const request = await made.accepted('ada');
    await apis.stock.asAgent(idOf(made), { forCaller: request }).json('/');
    expect(made.received[0]?.auth).toMatchObject({
      kind: 'user',
      objectId: made.entra.user('ada', { api: 'orders' }).claims.oid,
      clientId: idOf(made),
      agent: { actor: true, blueprintId: made.entra.options('orders').clientId },
    });
    expect(grants(made)).toEqual(['blueprint client_credentials', 'agent jwt-bearer']);
    expect(made.forms[0]?.get('fmi_path')).toBe(idOf(made));
  });

  it('acts as itself', async () => {
    const made = await started();
    const { apis } = made.downstream();
    for (let times = 0; times < 2; times++) await apis.stock.asAgent(idOf(made), 'itself').json('/');
    expect(made.received[0]?.auth).toMatchObject({ kind: 'app', clientId: idOf(made) });
    expect(grants(made)).toEqual(['blueprint client_credentials', 'agent client_credentials']);
  });

  it.each<[string, (oid: string) => string]>([
    ['object ID', (oid) => oid],
    ['user principal name', () => 'helper@contoso.onmicrosoft.com'],
  ])('acts through its user account, named by its %s', async (_, name) => {
    const made = await started();
    const oid = String(
      made.entra.agent('helper', { api: 'stock', user: true, scp: 'Stock.Read' }).claims.oid,
    );
    await made
      .downstream()
      .apis.stock.asAgent(idOf(made), { user: name(oid) })
      .json('/');
    expect(made.received[0]?.auth).toMatchObject({ kind: 'user', objectId: oid, clientId: idOf(made) });
    expect(grants(made)).toEqual([
      'blueprint client_credentials',
      'agent client_credentials',
      'agent user_fic',
    ]);
  });

  it('proves itself once for several callers, and each caller gets their own token', async () => {
    const made = await started();
    const { apis } = made.downstream();
    for (const user of ['ada', 'bob']) {
      await apis.stock.asAgent(idOf(made), { forCaller: await made.accepted(user) }).json('/');
    }
    expect(grants(made)).toEqual(['blueprint client_credentials', 'agent jwt-bearer', 'agent jwt-bearer']);
    expect(new Set(made.received.map(({ auth }) => auth.objectId)).size).toBe(2);
  });

  it('of another blueprint is a mistake of this API', async () => {
    const made = await started();
    const stranger = '99999999-2222-4333-8444-555555555555';
    expect(
      await errorOf(() => made.downstream().apis.stock.asAgent(stranger, 'itself').json('/')),
    ).toMatchObject({
      code: 'downstream_misconfigured',
    });
  });

  it.each<[string, unknown, unknown]>([
    ['a name', 'helper', 'itself'],
    ['no agent', undefined, 'itself'],
    ['an unknown word', '99999999-2222-4333-8444-555555555555', 'ada'],
    ['nothing', '99999999-2222-4333-8444-555555555555', undefined],
    ['neither', '99999999-2222-4333-8444-555555555555', {}],
    ['both', '99999999-2222-4333-8444-555555555555', { forCaller: {}, user: 'x' }],
    ['an unknown member', '99999999-2222-4333-8444-555555555555', { caller: {} }],
    ['a user with spaces', '99999999-2222-4333-8444-555555555555', { user: 'a b' }],
    ['a caller that is text', '99999999-2222-4333-8444-555555555555', { forCaller: 'x' }],
  ])('is refused at once for %s', async (_, agent, acts) => {
    const made = await started();
    expect(() => made.downstream().apis.stock.asAgent(agent as string, acts as never)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
  });

  it('needs scopes for users, and appScope for itself', async () => {
    const made = await started();
    const { baseUrl, scope } = { baseUrl: 'https://stock.contoso.example/v1', scope: 'api://stock/X' };
    const { apis } = made.downstream({
      apis: {
        user: { baseUrl, scopes: [scope] },
        app: { baseUrl, appScope: 'api://stock/.default' },
      } as never,
    }) as never as { apis: Record<'user' | 'app', ReturnType<Stage['downstream']>['apis']['stock']> };
    expect(() => apis.user.asAgent(idOf(made), 'itself')).toThrow('has no appScope');
    expect(() => apis.app.asAgent(idOf(made), { user: 'x@y' })).toThrow('has no scopes');
  });
});

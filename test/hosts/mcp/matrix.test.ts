import type { IssuedToken } from '@entra-guard/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Editor } from './editor.js';
import { type Connection, LINES, type Line } from './lines.js';
import { type OrdersServer, startOrders } from './orders-server.js';

const METADATA = '/.well-known/oauth-protected-resource/mcp';

/** Connects with a token that the client was given. */
async function connectedAs(line: Line, server: OrdersServer, token: IssuedToken): Promise<Connection> {
  const connection = line.connect(server.url, undefined, token.headers);
  onTestFinished(() => connection.close());
  await connection.connected;
  return connection;
}

/** Connects by the client's own means: it asks, its user signs in, and it asks again. */
async function signedIn(
  line: Line,
  server: OrdersServer,
  editor: Editor,
  options?: { readonly offline: boolean },
): Promise<Connection> {
  const first = line.connect(server.url, editor);
  await expect(first.connected).rejects.toThrow(/unauthorized/i);
  await first.finishAuth(await editor.signIn(options));
  await first.close();
  const second = line.connect(server.url, editor);
  onTestFinished(() => second.close());
  await second.connected;
  return second;
}

const scopesOf = (server: OrdersServer, ...names: readonly string[]) =>
  names.map((name) => `${server.url.href}/${name}`).join(' ');

describe.each(Object.entries(LINES))('%s', (_, line) => {
  it('connects: is told where to sign in, signs in for this very server, and asks again', async () => {
    const server = await startOrders(line.handlerOf);
    const editor = new Editor(server.entra);
    await signedIn(line, server, editor);
    const requests = () => server.requests().filter((one) => one !== `GET ${METADATA} 200`);
    // A stream of events is opened behind the client's back.
    await expect
      .poll(requests)
      .toEqual([
        'POST /mcp 401',
        `POST /mcp ${line.hello} 200`,
        ...(line.hello === 'initialize'
          ? ['POST /mcp notifications/initialized 202', `GET /mcp ${line.streamStatus}`]
          : []),
      ]);
    expect(server.requests()).toContain(`GET ${METADATA} 200`);
    const { tenantId, origin } = server.entra;
    const asked = server.entra.requests.map(
      ({ method, url }) => `${method} ${url.slice(origin.length).replace(/\?.*/, '')}`,
    );
    const discovery = [
      `GET /.well-known/oauth-authorization-server/${tenantId}/v2.0`,
      `GET /.well-known/openid-configuration/${tenantId}/v2.0`,
      `GET /${tenantId}/v2.0/.well-known/openid-configuration`,
    ];
    expect(asked.slice(0, 4)).toEqual([...discovery, `GET /${tenantId}/oauth2/v2.0/authorize`]);
    expect(asked).toContain(`POST /${tenantId}/oauth2/v2.0/token`);
    expect(Object.fromEntries(editor.asked[0]?.searchParams ?? [])).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: scopesOf(server, 'Orders.Read'),
      resource: server.url.href,
    });
  });

  it('lists what the caller may use, or could after asking for a scope', async () => {
    const server = await startOrders(line.handlerOf);
    const { entra } = server;
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const admin = entra.user('eve', { api: 'orders', scp: 'Orders.Read', roles: ['Orders.Admin'] });
    const agent = entra.agent('helper', { api: 'orders', onBehalfOf: 'ada', scp: 'Orders.Read' });
    const daemon = entra.app('job', { api: 'orders' });
    expect(await (await connectedAs(line, server, ada)).list()).toEqual([
      'orders.list',
      'orders.create',
      'orders.ship',
    ]);
    expect(await (await connectedAs(line, server, admin)).list()).toEqual([
      'orders.list',
      'orders.create',
      'orders.purge',
      'orders.ship',
    ]);
    expect(await (await connectedAs(line, server, agent)).list()).toEqual(['orders.list', 'orders.create']);
    expect(await (await connectedAs(line, server, daemon)).list()).toEqual([]);
  });

  it('calls a tool, which knows its caller', async () => {
    const server = await startOrders(line.handlerOf);
    const connection = await signedIn(line, server, new Editor(server.entra));
    expect(await connection.call('orders.list')).toBe(`all for ${server.entra.objectIdOf('ada')}`);
  });

  it('steps up without a refresh token: asks for the scopes that it has and for the one that it lacks', async () => {
    const server = await startOrders(line.handlerOf);
    const editor = new Editor(server.entra);
    const connection = await signedIn(line, server, editor);
    await expect(connection.call('orders.create')).rejects.toThrow(/unauthorized/i);
    expect(editor.asked).toHaveLength(2);
    expect(editor.asked[1]?.searchParams.get('scope')).toBe(scopesOf(server, 'Orders.Read', 'Orders.Write'));
    await connection.finishAuth(await editor.signIn());
    expect(await connection.call('orders.create')).toBe('created');
    expect(await connection.call('orders.list')).toContain('all for');
  });

  it(`with a refresh token ${line.stepsUpWithRefreshToken ? 'steps up all the same' : 'can not step up, and goes on'}`, async () => {
    const server = await startOrders(line.handlerOf);
    const editor = new Editor(server.entra);
    const connection = await signedIn(line, server, editor, { offline: true });
    expect(editor.kept?.refresh_token).toBeDefined();
    const outcome = expect(connection.call('orders.create')).rejects;
    if (line.stepsUpWithRefreshToken) {
      await outcome.toThrow(/unauthorized/i);
      expect(editor.asked[1]?.searchParams.get('scope')).toBe(
        scopesOf(server, 'Orders.Read', 'Orders.Write'),
      );
      await connection.finishAuth(await editor.signIn());
      expect(await connection.call('orders.create')).toBe('created');
    } else {
      await outcome.toThrow('403');
      expect(editor.asked).toHaveLength(1);
    }
    expect(await connection.call('orders.list')).toContain('all for');
  });

  it('is refused for a role as if there were no such tool, and stays connected', async () => {
    const server = await startOrders(line.handlerOf);
    const { entra } = server;
    const connection = await connectedAs(
      line,
      server,
      entra.user('ada', { api: 'orders', scp: 'Orders.Read' }),
    );
    await expect(connection.call('orders.purge')).rejects.toThrow('Tool orders.purge not found');
    await expect(connection.call('orders.none')).rejects.toThrow('Tool orders.none not found');
    expect(await connection.call('orders.list')).toContain('all for');
  });

  it('is refused as an agent by what excludes agents, and stays connected', async () => {
    const server = await startOrders(line.handlerOf);
    const agent = server.entra.agent('helper', { api: 'orders', onBehalfOf: 'ada', scp: 'Orders.Read' });
    const connection = await connectedAs(line, server, agent);
    await expect(connection.call('orders.ship')).rejects.toThrow('Tool orders.ship not found');
    expect(await connection.call('orders.list')).toBe(`all for ${server.entra.objectIdOf('ada')}`);
  });

  it('is told of keys that are down, and goes on when they are back', async () => {
    const server = await startOrders(line.handlerOf);
    const { entra, url } = server;
    const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const restore = entra.fail('keys', 503);
    const refused = line.connect(url, undefined, ada.headers);
    await expect(refused.connected).rejects.toThrow();
    await refused.close();
    expect(server.requests()[0]).toBe('POST /mcp 503');
    expect(server.challenges).toEqual([]);
    restore();
    entra.advance('2m');
    const connection = await connectedAs(line, server, ada);
    expect(await connection.call('orders.list')).toContain('all for');
  });

  it('is refused from the next request on once its access is revoked', async () => {
    const server = await startOrders(line.handlerOf);
    const { entra, revocations } = server;
    const connection = await connectedAs(
      line,
      server,
      entra.user('ada', { api: 'orders', scp: 'Orders.Read' }),
    );
    expect(await connection.call('orders.list')).toContain('all for');
    const target = { user: entra.objectIdOf('ada'), tenantId: entra.tenantId };
    await revocations.revoke(target, { because: 'left the company' });
    await expect(connection.call('orders.list')).rejects.toThrow();
    expect(server.requests().at(-1)).toBe('POST /mcp 401');
  });
});

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type InProcessEntra, type IssuedToken, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../src/app.js';

let entra: InProcessEntra;
let server: Server;

beforeAll(async () => {
  entra = await startEntra();
  server = createServer(createApp({ ...entra.options(), log: false })).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await entra.close();
});

/** Sends a request, with the caller's token if there is one. */
async function call(route: string, caller?: IssuedToken): Promise<Response> {
  const [method = '', path = ''] = route.split(' ');
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { ...caller?.headers, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify({ item: 'biscuits', quantity: 12 }) } : {}),
  });
}

const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

describe('the orders API', () => {
  it('shows prices to every caller, and a discount to callers with a token', async () => {
    expect(await (await call('GET /prices')).json()).toMatchObject({ discount: 0 });
    expect(await (await call('GET /prices', entra.user('ada'))).json()).toMatchObject({ discount: 0.1 });
    expect((await call('GET /prices', entra.wrong.expired())).status).toBe(401);
  });

  it('asks for a token', async () => {
    const answer = await call('GET /orders');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="${entra.tenantId}"`);
  });

  it('lists orders for users whose app has the scope to read', async () => {
    expect((await call('GET /orders', entra.user('ada', { scp: 'Orders.Read' }))).status).toBe(200);
    expect((await call('GET /orders', entra.user('ada', { scp: 'Mail.Read' }))).status).toBe(403);
  });

  it('takes orders from users and from apps, and notes who placed them', async () => {
    const byUser = await call('POST /orders', entra.user('ada', { scp: 'Orders.Write' }));
    const byApp = await call('POST /orders', entra.app('ci-runner', { roles: ['Orders.Write.All'] }));
    expect([byUser.status, byApp.status]).toEqual([201, 201]);
    expect(await byUser.text()).toContain(entra.objectIdOf('ada'));
  });

  it.each([
    ['an approver who just signed in', { roles: ['Orders.Approver'], auth_time: secondsAgo(60) }, 200],
    [
      'an approver who signed in this morning',
      { roles: ['Orders.Approver'], auth_time: secondsAgo(8 * 3600) },
      401,
    ],
    ['a user without the role', { auth_time: secondsAgo(60) }, 403],
  ])('asked to approve an order by %s', async (_, claims, status) => {
    const caller = entra.user('grace', { scp: 'Orders.Write', ...claims });
    expect((await call('POST /orders/1/approve', caller)).status).toBe(status);
  });

  it('deletes for administrators who have stepped up', async () => {
    const admin = { scp: 'Orders.Write', roles: ['Orders.Admin'] };
    const challenge = await call('DELETE /orders/2', entra.user('alan', admin));
    expect(challenge.status).toBe(401);
    expect(challenge.headers.get('www-authenticate')).toContain('error="insufficient_claims"');
    expect((await call('DELETE /orders/2', entra.user('alan', { ...admin, acrs: ['c1'] }))).status).toBe(204);
  });

  it('exports for the nightly job and for auditors', async () => {
    const job = entra.app('nightly-job', { roles: ['Orders.Export.All'] });
    const auditor = entra.user('alan', { scp: 'Orders.Read', roles: ['Orders.Auditor'] });
    // A user's app role never counts as an application permission, even under its name.
    const user = entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Export.All'] });
    const answers = await Promise.all(
      [job, auditor, user].map(async (who) => call('GET /orders/export', who)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403]);
  });

  it.each(['expired', 'graphAudience', 'tenant', 'stranger', 'algNone', 'idToken', 'notAJwt'] as const)(
    'refuses a wrong token: %s',
    async (fault) => {
      expect((await call('GET /orders', entra.wrong[fault]())).status).toBe(401);
    },
  );
});

import { createValidator } from '@entra-guard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoopbackEntra, startEntra } from '../src/index.js';

describe('the mint endpoint', () => {
  let entra: LoopbackEntra;
  beforeAll(async () => {
    entra = await startEntra({
      port: 0,
      apps: {
        orders: {
          scopes: ['Orders.Read', 'Orders.Write'],
          appRoles: { 'Orders.Approver': ['User'], 'Orders.Read.All': ['Application'] },
        },
        job: { secret: 'Zq3~local' },
        assistants: {},
      },
      users: { ada: { displayName: 'Ada Lovelace' } },
      managedIdentities: { vm: {} },
      agents: { helper: { blueprint: 'assistants' } },
    });
  });
  afterAll(async () => entra.close());

  async function ask(body: unknown, headers: Record<string, string> = {}, method = 'POST') {
    const answer = await fetch(`${entra.origin}/entra-guard/token`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer };
  }

  interface Answer {
    readonly token: string;
    readonly expires: string;
    readonly note?: string;
    readonly error?: string;
    readonly message?: string;
  }

  it.each([
    [
      { as: 'ada', api: 'orders', scopes: ['Orders.Read'], roles: ['Orders.Approver'] },
      'user',
      ['Orders.Read'],
    ],
    [{ as: 'ada' }, 'user', ['Orders.Read']],
    [{ as: 'ada', client: 'job' }, 'user', ['Orders.Read']],
    [{ app: 'job', roles: ['Orders.Read.All'] }, 'app', []],
    [{ managedIdentity: 'vm' }, 'app', []],
    [{ managedIdentity: true, tenant: 'contoso' }, 'app', []],
    [{ agent: 'helper' }, 'app', []],
    [{ agent: 'helper', onBehalfOf: 'ada', scopes: ['Orders.Write'] }, 'user', ['Orders.Write']],
    [{ agent: 'helper', ownAccount: true }, 'user', ['Orders.Read']],
  ])('gives a token that the API accepts: %j', async (body, kind, scopes) => {
    const { status, body: answer, headers } = await ask(body);
    expect([status, answer.note]).toEqual([200, undefined]);
    expect(headers.get('cache-control')).toBe('no-store');
    const validator = createValidator(entra.options('orders'));
    const auth = await validator.validate(answer.token);
    expect([auth.kind, [...auth.scopes]]).toEqual([kind, scopes]);
    expect(Date.parse(answer.expires)).toBe(auth.expiresAt);
    await validator.close();
  });

  it('says when the directory has no such user or app, because any name is one', async () => {
    expect((await ask({ as: 'eve' })).body.note).toBe(
      'The directory declares no user "eve", and any name is a user.',
    );
    expect((await ask({ app: 'jbo' })).body.note).toContain('no app "jbo"');
    expect((await ask({ managedIdentity: 'mv' })).body.note).toContain('no managed identity "mv"');
    expect((await ask({ agent: 'hepler', onBehalfOf: 'ada' })).body.note).toContain('no agent "hepler"');
  });

  it.each([
    [{ as: 'ada', api: 'stock' }, 'api_unknown', 'There is no API "stock"'],
    [{ as: 'ada', scopes: ['Orders.Reed'] }, 'scope_unknown', '"Orders.Reed" doesn\'t exist on "orders"'],
    [{ app: 'job', roles: ['Orders.Approver'] }, 'role_kind_wrong', "can't be assigned to an app"],
    [{ as: 'ada', scope: ['Orders.Read'] }, 'request_invalid', 'scope is not known.'],
    [
      { as: 'ada', scopes: 'Orders.Read' },
      'request_invalid',
      'scopes is "Orders.Read". Write a list of texts.',
    ],
    [{}, 'request_invalid', 'Name one of as, app, managedIdentity and agent.'],
    [
      { as: 'ada', app: 'job' },
      'request_invalid',
      'Name one of as, app, managedIdentity and agent, not as and app.',
    ],
    [
      { app: 'job', scopes: ['Orders.Read'] },
      'request_invalid',
      'scopes is for a user or an agent that acts for one.',
    ],
    [{ agent: 'helper', scopes: ['Orders.Read'] }, 'request_invalid', 'scopes is for a user'],
    [{ app: 'job', onBehalfOf: 'ada' }, 'request_invalid', 'onBehalfOf is for an agent.'],
    [{ app: 'job', client: 'spa' }, 'request_invalid', 'client is for a user.'],
    [
      { agent: 'helper', onBehalfOf: 'ada', ownAccount: true },
      'request_invalid',
      'Name one of onBehalfOf and ownAccount',
    ],
    ['{ "as": }', 'request_invalid', 'The body is not JSON.'],
    ['[]', 'request_invalid', 'The body is a list.'],
  ])('refuses %j with a sentence', async (body, error, message) => {
    const { status, body: answer } = await ask(body);
    expect([status, answer.error]).toEqual([400, error]);
    expect(answer.message).toContain(message);
    expect(answer).not.toHaveProperty('token');
  });

  it('answers its own pages, and no page of another origin', async () => {
    const { port } = new URL(entra.origin);
    const from = async (origin: string) => (await ask({ as: 'ada' }, { origin })).status;
    expect(await from(entra.origin)).toBe(200);
    expect(await from(`http://127.0.0.1:${port}`)).toBe(200);
    for (const foreign of [
      'https://evil.example',
      'null',
      '',
      `http://evil.example:${port}`,
      `https://localhost:${port}`,
      'http://localhost:3000',
      'http://localhost',
    ]) {
      expect([foreign, await from(foreign)]).toEqual([foreign, 403]);
    }
    const { body, headers } = await ask({ as: 'ada' }, { origin: 'http://localhost:3000' });
    expect(body).toEqual({
      error: 'origin_refused',
      message: expect.stringContaining('http://localhost:3000'),
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers no preflight, so that no other page can send JSON', async () => {
    const answer = await fetch(`${entra.origin}/entra-guard/token`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(403);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'text/json', 'application/jsonp', ''])(
    'needs the content type of JSON, and a form can not send it: %s',
    async (type) => {
      const { status, body } = await ask({ as: 'ada' }, { 'content-type': type });
      expect([status, body.error]).toEqual([415, 'content_type_refused']);
    },
  );

  it('takes parameters of the content type', async () => {
    expect((await ask({ as: 'ada' }, { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(
      200,
    );
  });

  it('needs POST', async () => {
    expect((await ask(undefined, {}, 'GET')).status).toBe(405);
  });

  it('does not exist in process, where code mints', async () => {
    const inProcess = await startEntra();
    const answer = await inProcess.fetch(`${inProcess.origin}/entra-guard/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "as": "ada" }',
    });
    expect(answer.status).toBe(404);
    await inProcess.close();
  });
});

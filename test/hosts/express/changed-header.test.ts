import { type IncomingMessage, ServerResponse } from 'node:http';
import { anonymous, authOf, entraGuard, scopes } from '@entra-guard/express';
import { actAs, testAuth } from '@entra-guard/express/testing';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const ofUser = (name: string): string => entra.user(name, { scp: 'Orders.Read' }).headers.authorization;
const made = (authorization: string): IncomingMessage =>
  ({ headers: { authorization }, rawHeaders: ['Authorization', authorization], method: 'GET' }) as never;

function run(
  middleware: (request: IncomingMessage, response: never, next: (error?: unknown) => void) => void,
  request: IncomingMessage,
): Promise<unknown> {
  return new Promise((resolve) => middleware(request, new ServerResponse(request) as never, resolve));
}

it('authOf gives undefined once the header of the request is another one, or gone', async () => {
  const guard = entraGuard({ ...entra.options(), log: false, passErrors: true });
  for (let use = 0; use < 4; use++) {
    const request = made(ofUser('ada'));
    expect(await run(guard.require(scopes('Orders.Read')), request)).toBeUndefined();
    const ada = authOf(request);
    expect(ada?.kind).toBe('user');
    request.headers.authorization = ofUser('bob');
    expect(authOf(request)).toBeUndefined();
    expect(await run(guard.require(anonymous()), request)).toBeUndefined();
    expect([authOf(request), (request as { auth?: unknown }).auth]).toEqual([undefined, undefined]);
    expect(await run(guard.require(scopes('Orders.Read')), request)).toBeUndefined();
    expect(authOf(request)?.subjectKey).not.toBe(ada?.subjectKey);
    delete request.headers.authorization;
    expect(authOf(request)).toBeUndefined();
    expect(await run(guard.require(scopes('Orders.Read')), request)).toMatchObject({ status: 401 });
  }
});

it('a caller for tests came without a token, and stays', async () => {
  const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
  const request = made('Bearer anything');
  await run(actAs(auth), request);
  delete request.headers.authorization;
  expect(authOf(request)).toBe(auth);
});

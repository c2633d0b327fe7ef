import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createGuard } from '@entra-guard/core';
import { afterEach, describe, expect, it } from 'vitest';
import { application, type Behind, behind, type Started } from '../support/behind.js';
import { readAnswer, request } from '../support/raw-client.js';
import { RawUpstream } from '../support/raw-upstream.js';

let place: Behind;
const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await place?.close();
  for (const one of started.splice(0)) await one.close();
});

/** An application whose answers never end. @param type of the answer */
async function endless(type: string): Promise<Started & { readonly ended: Promise<void> }> {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const app = await application((_, response) => {
    response.writeHead(200, { 'Content-Type': type });
    response.write('data: first\n\n');
    response.once('close', () => end());
  });
  started.push(app);
  return { ...app, ended };
}

async function open(path: string, token?: string): Promise<IncomingMessage> {
  const headers = { ...place.reader, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
  const sent = ask({ host: '127.0.0.1', port: place.port, path, headers });
  sent.on('error', () => {});
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await once(answer, 'data');
  answer.resume();
  return answer;
}

const revokeAda = () =>
  place.revocations.revoke(
    {
      user: place.entra.user('ada', { scp: 'Orders.Read' }).claims.oid as string,
      tenantId: place.entra.tenantId,
    },
    { because: 'left' },
  );

async function webSocket(): Promise<Socket> {
  const socket = connect(place.port, '127.0.0.1');
  await once(socket, 'connect');
  const head: [string, string][] = [
    ...Object.entries(place.reader),
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['Sec-WebSocket-Version', '13'],
  ];
  socket.write(request('GET /orders/live', head));
  expect((await readAnswer(socket)).status).toBe(101);
  return socket;
}

describe('what lasts', () => {
  it('ends properly as an event stream, and at the application, when the caller is revoked', async () => {
    const app = await endless('text/event-stream');
    place = await behind(app.port);
    const answer = await open('/orders/events');
    const ended = once(answer, 'end');
    await revokeAda();
    await ended;
    await app.ended;
  });

  it('is cut off as a download, so that it does not seem to be whole', async () => {
    const app = await endless('application/octet-stream');
    place = await behind(app.port);
    const answer = await open('/orders/file');
    const failed = once(answer, 'error');
    await revokeAda();
    expect(String((await failed)[0])).toMatch(/aborted/);
    await app.ended;
  });

  it('ends as a WebSocket on both sides', async () => {
    const upstream = await RawUpstream.start();
    started.push(upstream);
    place = await behind(upstream.port);
    const socket = await webSocket();
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await revokeAda();
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  it('goes on for other callers', async () => {
    const app = await endless('text/event-stream');
    place = await behind(app.port);
    const bob = await open('/orders/events', place.entra.user('bob', { scp: 'Orders.Read' }).token);
    const ada = await open('/orders/events');
    const ended = once(ada, 'end');
    await revokeAda();
    await ended;
    expect(bob.complete).toBe(false);
    bob.destroy();
  });

  it('ends when the token expires', async () => {
    const app = await endless('text/event-stream');
    place = await behind(app.port);
    const guard = createGuard({ ...place.entra.options('orders'), clockTolerance: 0, log: false });
    await place.proxy.close();
    const { createProxy } = await import('@entra-guard/proxy');
    const proxy = await createProxy({
      policy: place.policy,
      guard,
      listen: '127.0.0.1:0',
      admin: false,
      log: false,
    }).listen();
    place = { ...place, port: Number(new URL(proxy.url).port) };
    const exp = Math.floor(Date.now() / 1000) + 2;
    const answer = await open('/orders/events', place.entra.user('ada', { scp: 'Orders.Read', exp }).token);
    await once(answer, 'end');
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    await proxy.close();
    await guard.close();
  });

  it('of an open route has no caller, and goes on', async () => {
    const app = await endless('text/event-stream');
    place = await behind(app.port);
    const answer = await open('/public/events');
    await revokeAda();
    expect(answer.complete).toBe(false);
    answer.destroy();
  });
});

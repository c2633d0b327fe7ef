import { memoryRevocations } from '@entra-guard/core';
import { entraMcp } from '@entra-guard/mcp';
import { describe, expect, it } from 'vitest';
import { call, entraOf, RESOURCE, request, TOOLS } from './support/orders-server.js';

const STREAM = { 'content-type': 'text/event-stream' };
const encoded = (text: string) => new TextEncoder().encode(text);

/** A web-standard host whose handler opens a stream of events that does not end on its own. */
async function streamingServer() {
  const entra = await entraOf();
  const revocations = memoryRevocations({ now: entra.now });
  const mcp = entraMcp({
    ...entra.options('orders'),
    log: false,
    resource: RESOURCE,
    initialScopes: ['Orders.Read'],
    tools: TOOLS,
    revocations,
  });
  const ended: unknown[] = [];
  let events: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      events = controller;
      controller.enqueue(encoded('open'));
    },
    cancel: (reason) => void ended.push(reason),
  });
  const open = async (init: RequestInit) => {
    const { authorization } = entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).headers;
    const headers = { accept: 'text/event-stream', 'content-type': 'application/json', authorization };
    const handler = () => new Response(body, { status: 201, statusText: 'Opened', headers: STREAM });
    return (await mcp.handle(new Request(RESOURCE, { ...init, headers }), handler)) as Response;
  };
  const revoke = () =>
    revocations.revoke({ user: entra.objectIdOf('ada'), tenantId: entra.tenantId }, { because: 'left' });
  return {
    open,
    revoke,
    ended,
    send: (text: string) => events?.enqueue(encoded(text)),
    end: () => events?.close(),
    fail: () => events?.error(new Error('out of events')),
    mcp,
    entra,
  };
}

const listen = { method: 'POST', body: JSON.stringify(request('subscriptions/listen', {})) };

describe('a stream of events on a web-standard host', () => {
  it.each<[string, RequestInit]>([
    ['a GET', {}],
    ['a subscription of 2026-07-28', listen],
  ])('ends when its caller is revoked: %s', async (_, init) => {
    const { open, revoke, ended } = await streamingServer();
    const read = (await open(init)).text();
    await revoke();
    await expect(read).rejects.toThrow('no longer');
    expect(ended).toHaveLength(1);
  });

  it('is handed on as it is until then, and may end on its own', async () => {
    const { open, send, end, ended, revoke } = await streamingServer();
    const response = await open(listen);
    expect([response.status, response.statusText]).toEqual([201, 'Opened']);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    send(' more');
    end();
    expect(await response.text()).toBe('open more');
    await revoke();
    expect(ended).toEqual([]);
  });

  it('ends for the handler when the client goes away', async () => {
    const { open, ended, revoke } = await streamingServer();
    await (await open(listen)).body?.cancel('gone');
    await revoke();
    expect(ended).toEqual(['gone']);
  });

  it('fails as that of the handler does', async () => {
    const { open, fail } = await streamingServer();
    const read = (await open(listen)).text();
    fail();
    await expect(read).rejects.toThrow('out of events');
  });

  it('that the handler does not open is answered as it is', async () => {
    const { mcp, entra } = await streamingServer();
    const { authorization } = entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).headers;
    const asked = new Request(RESOURCE, { headers: { accept: 'text/event-stream', authorization } });
    const answer = new Response(null, { status: 405 });
    expect(await mcp.handle(asked, () => answer)).toBe(answer);
  });

  it('of a call lasts as long as the call, which was decided', async () => {
    const { open, revoke, end } = await streamingServer();
    const read = (await open({ method: 'POST', body: JSON.stringify(call('orders.list')) })).text();
    await revoke();
    end();
    expect(await read).toBe('open');
  });
});

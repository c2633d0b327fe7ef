import { StepUpError } from '@entra-guard/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type TestCall, testDownstream } from '../src/testing/index.js';
import { errorOf } from './stage.js';

describe('a stand-in for other APIs', () => {
  it('answers by functions, and tells what was called and for whom', async () => {
    const { apis, calls } = testDownstream({
      stock: ({ path }) => ({ path, left: 3 }),
      mail: () => new Response('sent', { status: 202 }),
    });
    const request = { headers: {} };
    expect(await apis.stock.forCaller(request).json('/items?top=1')).toEqual({
      path: '/items?top=1',
      left: 3,
    });
    const sent = await apis.mail
      .asApp({ tenantId: 'any' })
      .fetch('/messages', { method: 'POST', body: 'hello' });
    expect([sent.status, await sent.text()]).toEqual([202, 'sent']);
    const agent = '33334444-dddd-5555-eeee-6666ffff7777';
    await apis.stock.asAgent(agent, { forCaller: request }).json('/a');
    await apis.stock.asAgent(agent, 'itself').json('/b');
    expect(calls).toMatchObject<Partial<TestCall>[]>([
      { api: 'stock', as: 'caller', request, method: 'GET', path: '/items?top=1', body: '' },
      { api: 'mail', as: 'app', method: 'POST', path: '/messages', body: 'hello' },
      { api: 'stock', as: 'agent', request, path: '/a' },
      { api: 'stock', as: 'agent', path: '/b' },
    ]);
    expect(calls[0]?.headers.has('authorization')).toBe(false);
  });

  it('gives tickets, and takes only its own until they are released', async () => {
    const { apis, calls } = testDownstream({ stock: () => undefined });
    const ticket = await apis.stock.ticketFor({}, { validFor: '1h' });
    expect(await apis.stock.forTicket(ticket).json('/')).toBeUndefined();
    expect(calls).toMatchObject([{ as: 'ticket' }]);
    await apis.stock.release(ticket);
    expect(() => apis.stock.forTicket(ticket)).toThrow('was not given by ticketFor');
    expect(await errorOf(() => apis.stock.ticketFor({}, { validFor: '91d' }))).toMatchObject({
      code: 'configuration_invalid',
    });
  });

  it('throws what an answer throws', async () => {
    const stepUp = new StepUpError({
      code: 'downstream_step_up_required',
      message: 'more',
      hint: 'more',
      stepUp: { kind: 'sign-in', maxAgeSeconds: 0 },
    });
    const { apis } = testDownstream({
      stock: () => {
        throw stepUp;
      },
    });
    expect(await errorOf(() => apis.stock.forCaller({}).json('/'))).toBe(stepUp);
    expect(await errorOf(() => apis.stock.forCaller({}).fetch('/'))).toBe(stepUp);
  });

  it('refuses what production refuses', async () => {
    const { apis, calls } = testDownstream({ stock: () => new Response('no', { status: 500 }) });
    const api = apis.stock.asApp();
    expect(await errorOf(() => api.json('//evil.example/'))).toMatchObject({
      code: 'downstream_target_refused',
    });
    expect(await errorOf(() => api.json('/', { headers: { cookie: 'a=b' } }))).toMatchObject({
      code: 'downstream_target_refused',
    });
    expect(calls).toEqual([]);
    expect(await errorOf(() => api.json('/'))).toMatchObject({
      code: 'downstream_answer',
      answeredStatus: 500,
    });
    expect((await api.token()).token).toBe('test-token');
  });

  it('has the members of what it stands in for', async () => {
    await using downstream = testDownstream({ stock: () => 1 });
    await downstream.forget({} as never);
    expect(await downstream.health()).toMatchObject({ status: 'up' });
    await downstream.close();
  });

  it.each<[unknown]>([[undefined], ['stock'], [[]], [{ stock: { left: 3 } }]])(
    'is refused for %j',
    (answers) => {
      expect(() => testDownstream(answers as never)).toThrow(
        expect.objectContaining({ code: 'configuration_invalid' }),
      );
    },
  );

  describe('in production', () => {
    const { NODE_ENV } = process.env;
    afterEach(() => {
      process.env.NODE_ENV = NODE_ENV;
    });
    it('is refused', () => {
      process.env.NODE_ENV = 'production';
      expect(() => testDownstream({ stock: () => 1 })).toThrow('NODE_ENV=production');
    });
  });
});

import { randomBytes } from 'node:crypto';
import { keyRing, memoryRevocations, onEvent } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DownstreamEvent, type DownstreamOptions, sealed } from '../src/index.js';
import { Shelf } from './shelf.js';
import { errorOf, type Stage, stage } from './stage.js';

const ring = keyRing([{ id: '2026-11', secret: randomBytes(32) }]);
const HOUR = 3_600_000;

let made: Stage;
let shelf: Shelf;
beforeEach(async () => {
  made = await stage();
  shelf = new Shelf();
});

const process = (changes: Partial<DownstreamOptions<'stock'>> = {}) =>
  made.downstream({ store: sealed(shelf, ring), ...changes }).apis.stock;
const taken = async (stock = process(), guard = made.guard) =>
  stock.ticketFor(await made.accepted('ada', {}, guard), { validFor: '30d' });
const refused = { code: 'ticket_not_accepted', status: 403 };

describe('a ticket', () => {
  it('acts for its user after the token has expired, in any process, until it is released', async () => {
    const ticket = await taken();
    expect(ticket).toMatch(/^egt1\.[A-Za-z0-9_-]{43}$/);
    made.pass(26 * HOUR);
    const ada = made.entra.user('ada', { api: 'orders' }).claims.oid;
    expect(await process().forTicket(ticket).json('/')).toMatchObject({ for: ada });
    made.pass(20 * 24 * HOUR);
    expect(await process().forTicket(ticket).json('/')).toMatchObject({ for: ada });
    await process().release(ticket);
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject(refused);
    await process().release(ticket);
  });

  it('keeps the refresh token that Entra gave last', async () => {
    const ticket = await taken();
    for (let times = 0; times < 3; times++) {
      made.pass(2 * HOUR);
      await process().forTicket(ticket).json('/');
    }
    const used = made.forms.map((form) => form.get('refresh_token'));
    expect(used[0]).toBeNull();
    expect(new Set(used.slice(1)).size).toBe(3);
  });

  it('is the only use of a refresh token, and nothing of it is readable', async () => {
    const refreshTokens: string[] = [];
    made.intercept = async (url, init) => {
      const response = await made.entra.fetch(url, init);
      refreshTokens.push(((await response.clone().json()) as { refresh_token?: string }).refresh_token ?? '');
      return response;
    };
    const ticket = await taken();
    expect(made.forms[0]?.get('scope')).toContain('offline_access');
    expect(refreshTokens[0]).not.toBe('');
    const all = Buffer.concat(shelf.written).toString('latin1');
    const { oid, tid } = made.entra.user('ada', { api: 'orders' }).claims;
    for (const text of [
      ticket,
      ticket.slice(5),
      refreshTokens[0] as string,
      'refreshToken',
      'Stock.Read',
      oid,
      tid,
    ])
      expect(all).not.toContain(text);
  });

  it.each<[string, (ticket: string) => string]>([
    ['made up', () => `egt1.${randomBytes(32).toString('base64url')}`],
    ['altered', (ticket) => `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`],
    ['not one', () => 'job-17'],
    ['empty', () => ''],
    ['the hash that the store has', () => [...shelf.entries.keys()][0] as string],
    ['a number', () => 17 as never],
  ])('that is %s is refused', async (_, change) => {
    const ticket = change(await taken());
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('ends in time, and not a moment later', async () => {
    const ticket = await process().ticketFor(await made.accepted('ada'), { validFor: '2h' });
    made.pass(2 * HOUR - 1);
    await process().forTicket(ticket).json('/');
    made.pass(1);
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('is for one API', async () => {
    const ticket = await taken();
    const scopes = [`api://${made.entra.options('stock').clientId}/Stock.Read`];
    const { apis } = made.downstream({
      store: sealed(shelf, ring),
      apis: { other: { baseUrl: 'https://stock.contoso.example/other', scopes } } as never,
    }) as never as { apis: Record<string, ReturnType<typeof process>> };
    expect(await errorOf(() => apis.other?.forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('ends with what Entra no longer renews', async () => {
    const ticket = await taken();
    made.pass(2 * HOUR);
    made.entra.disable('ada');
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('does not end because Entra or the store is down', async () => {
    const ticket = await taken();
    made.pass(2 * HOUR);
    const restore = made.entra.fail('token', 503);
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject({
      code: 'downstream_unavailable',
    });
    restore();
    shelf.before = () => Promise.reject(new Error('down'));
    for (const act of [
      () => process().forTicket(ticket).json('/'),
      () => process().release(ticket),
      () => taken(),
    ]) {
      expect(await errorOf(act)).toMatchObject({ code: 'downstream_unavailable', status: 503 });
    }
    shelf.before = async () => {};
    await process().forTicket(ticket).json('/');
  });

  it('that a newer process has sealed is waited for, and not given up', async () => {
    const newer = keyRing([{ id: '2027-01', secret: randomBytes(32) }]);
    const ticket = await taken(process({ store: sealed(shelf, newer) }));
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject({
      code: 'downstream_unavailable',
    });
  });

  it('is not written again by a process that renews it while it is released', async () => {
    const ticket = await taken();
    made.pass(2 * HOUR);
    let answer = () => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    made.intercept = async (url, init) => {
      await gate;
      return made.entra.fetch(url, init);
    };
    const using = process()
      .forTicket(ticket)
      .json('/')
      .catch(() => {});
    await expect.poll(() => made.forms.length).toBe(2);
    const releasing = process().release(ticket);
    answer();
    await Promise.all([using, releasing]);
    made.intercept = undefined;
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('is not said to be released while another process renews it', async () => {
    const ticket = await taken();
    const [place = ''] = shelf.entries.keys();
    shelf.locks.add(`${place}:lock`);
    expect(await errorOf(() => process().release(ticket))).toMatchObject({ code: 'downstream_unavailable' });
    shelf.locks.clear();
    await process().release(ticket);
  }, 10_000);

  it('names its user in events', async () => {
    const ticket = await taken();
    const events: DownstreamEvent[] = [];
    const stop = onEvent((event) => void events.push(event), { types: ['downstream'] });
    await process().forTicket(ticket).json('/');
    await errorOf(() => process().forTicket('x').json('/'));
    stop();
    expect(events).toMatchObject([
      { kind: 'ticket', outcome: 'allow', who: { tenantId: made.entra.tenantId } },
      { kind: 'ticket', outcome: 'deny', code: 'ticket_not_accepted' },
    ]);
    expect(JSON.stringify(events)).not.toContain(ticket);
  });

  it('of a challenge that no user is there to answer is refused', async () => {
    const ticket = await taken();
    const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
    made.answer = () =>
      new Response(null, {
        status: 401,
        headers: { 'www-authenticate': `Bearer error="insufficient_claims", claims="${claims}"` },
      });
    expect(await errorOf(() => process().forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it.each<[string, unknown]>([
    ['no options', undefined],
    ['no time', {}],
    ['more than 90 days', { validFor: '91d' }],
    ['nothing', { validFor: 0 }],
    ['an unknown option', { validFor: '1h', until: 1 }],
  ])('is not taken for %s', async (_, options) => {
    const request = await made.accepted('ada');
    expect(await errorOf(() => process().ticketFor(request, options as never))).toMatchObject({
      code: 'configuration_invalid',
    });
  });

  it('needs a store', async () => {
    const { stock } = made.downstream().apis;
    expect(await errorOf(() => taken(stock))).toMatchObject({ code: 'configuration_invalid' });
    expect(() => stock.forTicket('x')).toThrow('Tickets need a store');
  });

  it('is not taken where Entra refuses, or gives no refresh token', async () => {
    made.intercept = () => Response.json({ error: 'invalid_grant', error_codes: [65001] }, { status: 400 });
    expect(await errorOf(() => taken())).toMatchObject({ code: 'downstream_consent_missing' });
    made.intercept = () => Response.json({ access_token: 'a.b.c', token_type: 'Bearer', expires_in: 3599 });
    expect(await errorOf(() => taken())).toMatchObject({ code: 'downstream_misconfigured' });
    expect(shelf.entries.size).toBe(0);
  });
});

describe('a ticket whose user’s access is revoked', () => {
  const revocable = () => {
    const revocations = memoryRevocations({ margin: 0, now: made.now, oneProcess: true });
    const guard = made.guarded({ revocations });
    return { revocations, guard, stock: process({ guard }) };
  };
  let user: { readonly user: string; readonly tenantId: string };
  beforeEach(() => {
    user = {
      user: String(made.entra.user('ada', { api: 'orders' }).claims.oid),
      tenantId: made.entra.tenantId,
    };
  });
  afterEach(() => made.guard.close());

  it.each<[string, object]>([
    ['by a ban', {}],
    ['by a cutoff', { issuedBefore: 0 }],
  ])('%s ends at once, although its token is still in the memory', async (_, options) => {
    const { revocations, guard, stock } = revocable();
    const ticket = await taken(stock, guard);
    await stock.forTicket(ticket).json('/');
    const before = 'issuedBefore' in options ? { issuedBefore: made.now() } : {};
    const record = await revocations.revoke(user, { because: 'left the company', ...before });
    const sent = made.received.length;
    expect(await errorOf(() => stock.forTicket(ticket).json('/'))).toMatchObject(refused);
    expect(made.received).toHaveLength(sent);
    // For good: what was lifted later does not bring a ticket back.
    await revocations.lift(record.id, { because: 'a mistake' });
    expect(await errorOf(() => stock.forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('of another user goes on', async () => {
    const { revocations, guard, stock } = revocable();
    const ticket = await taken(stock, guard);
    await revocations.revoke({ ...user, user: '99999999-2222-4333-8444-555555555555' }, { because: 'left' });
    await stock.forTicket(ticket).json('/');
  });

  it('is refused where a record may have come and gone since it was used last', async () => {
    const { guard, stock } = revocable();
    const ticket = await taken(stock, guard);
    for (let times = 0; times < 3; times++) {
      made.pass(27 * HOUR);
      await stock.forTicket(ticket).json('/');
    }
    made.pass(29 * HOUR);
    expect(await errorOf(() => stock.forTicket(ticket).json('/'))).toMatchObject(refused);
  });

  it('can not be told while the store of revocations fails: 503, and the ticket stays', async () => {
    const { revocations, guard, stock } = revocable();
    const ticket = await taken(stock, guard);
    const broken = {
      longestToken: revocations.longestToken,
      shared: true,
      find: () => {
        throw new Error('down');
      },
      ...Object.fromEntries(
        (['revoke', 'lift', 'list', 'onChange', 'ready', 'health', 'close'] as const).map((name) => [
          name,
          revocations[name].bind(revocations),
        ]),
      ),
    };
    const failing = process({ guard: made.guarded({ revocations: broken as never }) });
    expect(await errorOf(() => failing.forTicket(ticket).json('/'))).toMatchObject({
      code: 'revocations_unavailable',
    });
    await stock.forTicket(ticket).json('/');
  });
});

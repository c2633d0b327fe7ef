import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  ISSUED,
  NOW,
  OTHER_TENANT,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import { createGuard, memoryRevocations, type RequestLike, type Revocations } from '../../src/index.js';
import { CallersByTarget, OpenCallers } from '../../src/revocation.js';
import { daemon, user } from '../callers.js';

const because = 'left the company';
const ada = { user: ADA, tenantId: TENANT } as const;
const request = (claims: Record<string, unknown> = {}) => ({
  headers: { authorization: `Bearer ${signed(userClaims(claims))}` } as Record<string, string>,
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

function opened(options: object = {}) {
  const revocations = memoryRevocations();
  const find = vi.spyOn(revocations, 'find');
  const guard = createGuard({ ...contoso({ now: () => Date.now() }), revocations, ...options });
  const callers = new OpenCallers(guard);
  const ended: unknown[] = [];
  const open = (given: RequestLike = request()) => callers.add(given, (error) => ended.push(error));
  /** Waits until what was begun has come to rest. */
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return { revocations, find, callers, ended, open, settle };
}

describe('what is open for a caller', () => {
  it('ends with the reason once the caller is revoked, and is asked of nothing more', async () => {
    const { revocations, callers, ended, open, settle } = opened();
    open();
    open(request({ oid: OTHER_TENANT }));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(2));
    await revocations.revoke(ada, { because });
    await settle();
    expect(ended).toMatchObject([{ code: 'token_revoked' }]);
    expect(callers.size).toBe(1);
    await revocations.revoke({ tenant: TENANT }, { because });
    await settle();
    expect(ended).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not looked at when a record concerns others, nor when one is lifted', async () => {
    const { revocations, find, open, settle } = opened();
    open();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    find.mockClear();
    const { id } = await revocations.revoke({ user: OTHER_TENANT, tenantId: TENANT }, { because });
    await revocations.lift(id, { because });
    await settle();
    expect(find).not.toHaveBeenCalled();
  });

  it('ends when the token is no longer tolerated as expired', async () => {
    const { ended, open } = opened();
    open();
    await vi.advanceTimersByTimeAsync((ISSUED + 3900 + 59) * 1000 - NOW);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(3000);
    expect(ended).toMatchObject([{ code: 'token_expired' }]);
  });

  it('is judged once a minute, for what no record tells of', async () => {
    let revoked = false;
    const { ended, open } = opened({ isRevoked: () => revoked });
    open();
    await vi.advanceTimersByTimeAsync(90_000);
    revoked = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toMatchObject([{ code: 'token_revoked' }]);
  });

  it('keeps its token when the application removes the header, and is released by its host', async () => {
    const { revocations, callers, ended, open, settle } = opened();
    const given = { ...request(), rawHeaders: ['Authorization', request().headers.authorization as string] };
    const release = open(given);
    delete given.headers.authorization;
    given.rawHeaders.length = 0;
    const web = open({ headers: new Headers(request().headers) });
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(2));
    expect(ended).toEqual([]);
    release();
    release();
    web();
    await revocations.revoke(ada, { because });
    await settle();
    expect([ended, callers.size, vi.getTimerCount()]).toEqual([[], 0, 0]);
  });

  it('is released while it is judged', async () => {
    const { ended, open, settle } = opened();
    open()();
    await settle();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0));
    expect(ended).toEqual([]);
  });

  it('all end when the application shuts down, also if one can not', async () => {
    const { callers, ended, open } = opened();
    callers.add(request(), () => {
      throw new Error('closing already');
    });
    open();
    callers.close(new Error('shutting down'));
    expect(ended).toMatchObject([{ message: 'shutting down' }]);
    expect(callers.size).toBe(0);
  });

  it('is looked at again where a record came while it was judged', async () => {
    // The first look-up of the version comes before the caller is found among those who are open.
    const versions = [1, 2, 3, 4];
    const find = vi.fn(() => undefined);
    const own = {
      ...memoryRevocations(),
      ...{ longestToken: 100_800, shared: true, find, onChange: () => () => {} },
      ready: async () => {},
      health: () => ({ part: 'revocations', status: 'up', message: '' }) as const,
      close: async () => {},
    };
    const moving = Object.defineProperty(own, 'version', { get: () => versions.shift() });
    const { open } = opened({ revocations: moving as unknown as Revocations });
    open();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    expect(find.mock.calls.length).toBeGreaterThan(1);
    const broken = Object.defineProperty({ ...own }, 'version', {
      get: () => {
        throw new Error('own store');
      },
    });
    const other = opened({ revocations: broken as unknown as Revocations });
    other.open();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(2));
    expect(other.ended).toEqual([]);
  });
});

describe('callers by target', () => {
  it('finds what a record concerns, and all where it is not known which', async () => {
    const revocations = memoryRevocations();
    const callers = new CallersByTarget<{ readonly name: string }>();
    const [one, two] = [{ name: 'one' }, { name: 'two' }];
    callers.add(one, user());
    callers.add(two, daemon());
    callers.add(two, user());
    const record = await revocations.revoke({ client: SPA }, { because });
    expect(callers.concerned({ change: 'revoked', record })).toEqual([one, two]);
    expect(callers.concerned({ change: 'lifted', record })).toEqual([]);
    const of = await revocations.revoke({ user: daemon().objectId as string, tenantId: TENANT }, { because });
    expect(callers.concerned({ change: 'revoked', record: of })).toEqual([two]);
    callers.delete(two);
    callers.delete(two);
    expect(callers.concerned({ change: 'revoked', record: of })).toEqual([]);
    expect(callers.concerned({ change: 'all' })).toEqual([one]);
    expect(callers.size).toBe(1);
  });
});

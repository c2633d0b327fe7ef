import { afterEach, expect, it, vi } from 'vitest';
import { API, NOW, TENANT } from '../../../../test/support/forger.js';
import { resolveSettings } from '../../src/options/settings.js';
import { issuerClaims } from '../../src/token/checks/issuer.js';
import { lookOf } from '../../src/token/checks/look.js';
import { checkTimes } from '../../src/token/checks/times.js';
import { TenantAnswers } from '../../src/token/tenant-answers.js';
import { askHook } from '../../src/token/user-hook.js';

afterEach(() => {
  vi.useRealTimers();
});

it('a hook that never answers decides nothing after two seconds (503)', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const asking = askHook('isRevoked', () => new Promise<boolean>(() => {}));
  const refused = expect(asking).rejects.toMatchObject({
    code: 'hook_failed',
    status: 503,
    cause: { message: 'no answer within 2000 ms' },
  });
  await vi.advanceTimersByTimeAsync(1999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await refused;
  expect(vi.getTimerCount()).toBe(0);
});

it('a hook that has answered leaves no timer behind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  expect(await askHook('isRevoked', () => false)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it('what the tenants function said is asked again after a minute, and after the clock was set back', async () => {
  let now = NOW;
  let asked = 0;
  const answers = new TenantAnswers(
    () => ++asked > 0,
    () => now,
  );
  for (const [step, calls] of [
    [0, 1],
    [59_999, 1],
    [1, 2],
    [-1, 3],
    [0, 3],
  ] as const) {
    now += step;
    expect(await answers.accepts('tenant')).toBe(true);
    expect(asked).toBe(calls);
  }
});

it('the tenants function is asked once for a tenant, however many tokens come meanwhile', async () => {
  const asked: string[] = [];
  const answer: ((accepted: boolean) => void)[] = [];
  const answers = new TenantAnswers(
    (tenant) => {
      asked.push(tenant);
      return new Promise((resolve) => answer.push(resolve));
    },
    () => NOW,
  );
  const waiting = ['a', 'b', 'a', 'a', 'b'].map((tenant) => answers.accepts(tenant));
  await vi.waitFor(() => expect(answer).toHaveLength(2));
  answer[0]?.(true);
  answer[1]?.(false);
  expect(await Promise.all(waiting)).toEqual([true, false, true, true, false]);
  expect(asked).toEqual(['a', 'b']);
});

it('that it fails is remembered for five seconds, and each token has an error of its own', async () => {
  let now = NOW;
  let asked = 0;
  const down = new Error('database down');
  const answers = new TenantAnswers(
    (tenant) => {
      asked++;
      if (tenant === 'b' || asked > 2) return true;
      throw down;
    },
    () => now,
  );
  const failure = async (): Promise<unknown> => answers.accepts('a').catch((error: unknown) => error);
  const errors = await Promise.all([failure(), failure()]);
  expect(asked).toBe(1);
  expect(await answers.accepts('b')).toBe(true);
  now += 3000;
  errors.push(await failure());
  expect(asked).toBe(2);
  expect(errors).toMatchObject(
    [5, 5, 2].map((retryAfter) => ({ code: 'hook_failed', status: 503, retryAfter, cause: down })),
  );
  expect(new Set(errors).size).toBe(3);
  now += 2000;
  expect(await answers.accepts('a')).toBe(true);
  expect(asked).toBe(3);
});

it('of more than a thousand tenants no answer is kept for ever: memory is bounded', async () => {
  const asked: string[] = [];
  const answers = new TenantAnswers(
    (tenant) => asked.push(tenant) > 0,
    () => NOW,
  );
  for (let tenant = 0; tenant < 1000; tenant++) await answers.accepts(`tenant-${tenant}`);
  expect(await answers.accepts('tenant-0')).toBe(true);
  expect(asked).toHaveLength(1000);
  await answers.accepts('tenant-1000');
  expect(await answers.accepts('tenant-0')).toBe(true);
  expect(asked.slice(1000)).toEqual(['tenant-1000', 'tenant-0']);
});

it('a clock beyond the end of time refuses tokens as expired instead of failing', () => {
  const authority = { settings: resolveSettings({ tenantId: TENANT, clientId: API }), pinned: undefined };
  const claims = { exp: 1 };
  const token = { header: {}, payload: claims, payloadIsFit: true };
  const look = lookOf(token, issuerClaims(claims), authority, Number.POSITIVE_INFINITY);
  expect(checkTimes(look)).toMatchObject({
    code: 'token_expired',
    expected: 'a time after Infinity, with 60 s of tolerance',
  });
});

import type { Guard } from '@entra-guard/core';
import { expect, it } from 'vitest';
import { TenantGuards } from '../src/tenant-guards.js';

function counted() {
  const built: string[] = [];
  const closed: string[] = [];
  const guards = new TenantGuards((tenant) => {
    built.push(tenant);
    return { close: () => void closed.push(tenant) } as unknown as Guard;
  });
  /** Serves one request, from lease to release. */
  const serve = (tenant: string, proven: boolean) => guards.lease(tenant).release(proven);
  return { guards, built, closed, serve };
}

it('are built once for each tenant, in upper or lower case', () => {
  const { guards, built } = counted();
  expect(guards.lease('contoso.example').guard).toBe(guards.lease('Contoso.Example').guard);
  guards.lease('fabrikam.example');
  expect(built).toEqual(['contoso.example', 'fabrikam.example']);
});

it('of proven tenants are never evicted by new names', () => {
  const { serve, built, closed } = counted();
  for (const tenant of ['contoso.example', 'fabrikam.example']) serve(tenant, true);
  for (let count = 0; count < 10_000; count++) serve(`junk-${count}.example`, false);
  serve('contoso.example', false);
  serve('fabrikam.example', true);
  expect(built).toHaveLength(10_002);
  expect(closed).not.toContain('contoso.example');
  expect(closed).not.toContain('fabrikam.example');
  expect(closed).toHaveLength(10_000 - 50);
});

it('of other names are at most fifty: the least recently used is evicted and closed at once', () => {
  const { serve, built, closed } = counted();
  for (let count = 0; count < 50; count++) serve(`${count}.example`, false);
  serve('0.example', false);
  serve('one-more.example', false);
  expect(closed).toEqual(['1.example']);
  serve('0.example', false);
  expect(built).toHaveLength(51);
});

it('of proven tenants are at most five hundred', () => {
  const { serve, closed, built } = counted();
  for (let count = 0; count < 500; count++) serve(`${count}.example`, true);
  serve('0.example', true);
  serve('one-more.example', true);
  expect(closed).toEqual(['1.example']);
  expect(built).toHaveLength(501);
});

it('are closed only when they no longer serve a request', () => {
  const { guards, serve, closed } = counted();
  const first = guards.lease('slow.example');
  const second = guards.lease('slow.example');
  for (let count = 0; count < 60; count++) serve(`junk-${count}.example`, false);
  expect(closed).not.toContain('slow.example');
  first.release(false);
  first.release(false);
  expect(closed).not.toContain('slow.example');
  second.release(false);
  expect(closed).toContain('slow.example');
});

it('are kept when a token is valid whose guard was evicted meanwhile', () => {
  const { guards, serve, built, closed } = counted();
  const slow = guards.lease('slow.example');
  for (let count = 0; count < 60; count++) serve(`junk-${count}.example`, false);
  slow.release(true);
  expect(guards.lease('slow.example').guard).toBe(slow.guard);
  expect(built.filter((tenant) => tenant === 'slow.example')).toHaveLength(1);
  expect(closed).not.toContain('slow.example');
});

it('are one for each tenant in the end, if two requests at a time have each built one', () => {
  const { guards, serve, closed } = counted();
  const early = guards.lease('twice.example');
  for (let count = 0; count < 60; count++) serve(`junk-${count}.example`, false);
  const late = guards.lease('twice.example');
  expect(late.guard).not.toBe(early.guard);
  early.release(true);
  late.release(true);
  expect(guards.lease('twice.example').guard).toBe(early.guard);
  expect(closed.filter((tenant) => tenant === 'twice.example')).toHaveLength(1);
});

it('are not kept if they can not be built', () => {
  const guards = new TenantGuards(() => {
    throw new Error('no tenant');
  });
  for (const _ of [1, 2]) expect(() => guards.lease('contoso')).toThrow('no tenant');
});

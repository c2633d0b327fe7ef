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
  /** One request, from beginning to end. */
  const serve = (tenant: string, proven: boolean) => guards.lease(tenant).release(proven);
  return { guards, built, closed, serve };
}

it('are built once for each tenant, in whatever letters it comes', () => {
  const { guards, built } = counted();
  expect(guards.lease('contoso.example').guard).toBe(guards.lease('Contoso.Example').guard);
  guards.lease('fabrikam.example');
  expect(built).toEqual(['contoso.example', 'fabrikam.example']);
});

it('of tenants whose tokens have held never leave for names that are new', () => {
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

it('of other names are fifty: the least recently used leaves, and is closed at once', () => {
  const { serve, built, closed } = counted();
  for (let count = 0; count < 50; count++) serve(`${count}.example`, false);
  serve('0.example', false);
  serve('one-more.example', false);
  expect(closed).toEqual(['1.example']);
  serve('0.example', false);
  expect(built).toHaveLength(51);
});

it('of tenants whose tokens have held are five hundred', () => {
  const { serve, closed, built } = counted();
  for (let count = 0; count < 500; count++) serve(`${count}.example`, true);
  serve('0.example', true);
  serve('one-more.example', true);
  expect(closed).toEqual(['1.example']);
  expect(built).toHaveLength(501);
});

it('are closed only when they serve no request any longer', () => {
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

it('stay, where a token has held that took so long that its guard had left', () => {
  const { guards, serve, built, closed } = counted();
  const slow = guards.lease('slow.example');
  for (let count = 0; count < 60; count++) serve(`junk-${count}.example`, false);
  slow.release(true);
  expect(guards.lease('slow.example').guard).toBe(slow.guard);
  expect(built.filter((tenant) => tenant === 'slow.example')).toHaveLength(1);
  expect(closed).not.toContain('slow.example');
});

it('are one for each tenant in the end, where two requests have each brought one', () => {
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

it('are not kept where they can not be built', () => {
  const guards = new TenantGuards(() => {
    throw new Error('no tenant');
  });
  for (const _ of [1, 2]) expect(() => guards.lease('contoso')).toThrow('no tenant');
});

import type { Guard } from '@entra-guard/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TenantGuards } from '../src/tenant-guards.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function counted() {
  const built: string[] = [];
  const closed: string[] = [];
  const guards = new TenantGuards((tenant) => {
    built.push(tenant);
    return { close: () => void closed.push(tenant) } as unknown as Guard;
  });
  return { guards, built, closed };
}

it('are built once for each tenant, in whatever letters it comes', () => {
  const { guards, built } = counted();
  expect(guards.for('contoso.example')).toBe(guards.for('Contoso.Example'));
  guards.for('fabrikam.example');
  expect(built).toEqual(['contoso.example', 'fabrikam.example']);
});

it('are a hundred: the least recently used leaves, and is closed when nobody can be waiting for it', () => {
  const { guards, built, closed } = counted();
  for (let count = 0; count < 100; count++) guards.for(`tenant-${count}`);
  guards.for('tenant-0');
  guards.for('one-more');
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(30_000);
  expect(closed).toEqual(['tenant-1']);
  guards.for('tenant-0');
  expect(built).toHaveLength(101);
  guards.for('tenant-1');
  expect(built).toHaveLength(102);
});

it('are not kept where they can not be built', () => {
  const guards = new TenantGuards(() => {
    throw new Error('no tenant');
  });
  for (const _ of [1, 2]) expect(() => guards.for('contoso')).toThrow('no tenant');
});

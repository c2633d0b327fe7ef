import { appOnly, appPermissions, authenticated, createGuard, delegated } from '@entra-guard/core';
import { expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';

it('a narrowing leaves no scope open', () => {
  expect([delegated(), appOnly()].map(({ leavesScopeOpen }) => leavesScopeOpen)).toEqual([false, false]);
});

it('warns of a requirement that leaves the scope open, with the handler where one is named', () => {
  const log = vi.fn();
  const loud = createGuard(contoso({ log }));
  loud.declare(authenticated());
  loud.declare(authenticated(), 'GET /orders');
  const entries = log.mock.calls.map(([entry]) => entry as { handler?: string });
  expect(entries.map(({ handler }) => handler)).toEqual([undefined, 'GET /orders']);
});

it("an application permission is named as the token's roles hold it", () => {
  expect(() => appPermissions('https://api.contoso.com/Orders.Read.All')).toThrow(
    "Write appPermissions('Orders.Read.All').",
  );
});

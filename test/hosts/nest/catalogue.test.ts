import 'reflect-metadata';
import {
  definePermissions,
  EntraGuardModule,
  onEvent,
  type RequirementDecorator,
  requirementDecorators,
} from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, serve } from './platforms.js';

const orders = definePermissions({
  api: 'api://orders',
  owner: { team: 'Orders' },
  scopes: {
    'Orders.Read': { description: 'Read.', consent: 'user', because: 'The shop shows them.' },
    'Orders.Write': { description: 'Write.', consent: 'user', because: 'The shop takes them.' },
  },
  appRoles: {
    'Orders.Read.All': { description: 'Read all.', for: ['application'], because: 'Invoices.' },
    'Orders.Write.All': { description: 'Write all.', for: ['application'], because: 'Imports.' },
    'Orders.Admin': { description: 'Cancel.', for: ['user'], because: 'Help.' },
    'Orders.Clerk': { description: 'Pack.', for: ['user'], because: 'Parcels.' },
  },
});
const of = requirementDecorators(orders);

describe('decorators of a catalogue', () => {
  it.each<[string, () => RequirementDecorator, string, string[]]>([
    ['scopes', () => of.RequireScopes('Orders.Read'), "scopes('Orders.Read')", ['The shop shows them.']],
    [
      'any scope',
      () => of.RequireAnyScope('Orders.Read', 'Orders.Write'),
      "anyScope('Orders.Read', 'Orders.Write')",
      ['The shop shows them.', 'The shop takes them.'],
    ],
    [
      'application permissions',
      () => of.RequireAppPermissions('Orders.Read.All'),
      "appPermissions('Orders.Read.All')",
      ['Invoices.'],
    ],
    [
      'any application permission',
      () => of.RequireAnyAppPermission('Orders.Read.All', 'Orders.Write.All'),
      "anyAppPermission('Orders.Read.All', 'Orders.Write.All')",
      ['Invoices.', 'Imports.'],
    ],
    ['user roles', () => of.RequireUserRoles('Orders.Admin'), "userRoles('Orders.Admin')", ['Help.']],
    [
      'any user role',
      () => of.RequireAnyUserRole('Orders.Admin', 'Orders.Clerk'),
      "anyUserRole('Orders.Admin', 'Orders.Clerk')",
      ['Help.', 'Parcels.'],
    ],
  ])('ask for %s, with reason and owner', async (_, decorator, requirement, reasons) => {
    @Controller('orders')
    class OrdersController {
      @Get()
      @decorator()
      list(): string {
        return 'orders';
      }
    }
    const entra = await startEntra();
    const { origin } = await serve('express', {
      imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false })],
      controllers: [OrdersController],
    });
    const events: unknown[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    expect((await ask(`${origin}/orders`)).status).toBe(401);
    expect(events).toMatchObject([{ requirement, reasons, owner: { team: 'Orders' } }]);
  });

  it('refuse what the catalogue does not have, where they are written', () => {
    expect(() => of.RequireScopes('Orders.Raed' as 'Orders.Read')).toThrow(
      /has no scope 'Orders\.Raed'. It has Orders\.Read, Orders\.Write\./,
    );
  });
});

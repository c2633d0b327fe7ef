import { placeholdersIn, takeInventory } from '@entra-guard/catalogue';
import { definePermissions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { define, orders, SCOPE } from '../../../test/support/orders.js';

const catalogueOf = (more: Record<string, unknown>) =>
  define({ api: 'api://orders', owner: { team: 'Orders' }, scopes: { 'Orders.Read': SCOPE }, ...more })
    .catalogue;

describe('placeholders', () => {
  it.each([
    'api://TODO',
    'https://TODO/orders',
    'api://TODO-orders',
    'api://<client-id>',
    'api://{clientId}',
    'api://YOUR_CLIENT_ID',
    'api://your-api',
    'api://FIXME',
    'api://CHANGEME',
    '00000000-0000-0000-0000-000000000000',
  ])('stand in the api %s', (api) => {
    expect(placeholdersIn(catalogueOf({ api }))).toEqual([
      { place: 'api', value: expect.stringContaining(api), registered: true },
    ]);
  });

  it.each([
    'api://todo',
    'api://todo-list-service',
    'https://TODOS.contoso.example',
    'api://yours',
    'api://orders.contoso.example',
    '00001111-aaaa-2222-bbbb-3333cccc4444',
    'urn:contoso:orders',
  ])('do not stand in the api %s', (api) => {
    expect(placeholdersIn(catalogueOf({ api }))).toEqual([]);
  });

  it('are found in texts, and it is said which of them a registration would hold', () => {
    const { catalogue } = definePermissions({
      api: 'api://orders',
      owner: { team: 'TODO', onCall: 'TODO: who is woken' },
      scopes: {
        'Orders.Read': { title: 'TODO', description: 'TODO: x', consent: 'user', because: 'TODO: y' },
      },
      appRoles: {
        'Todo.Read.All': { description: 'TODO items of everybody', for: ['application'], because: 'Todos' },
      },
      preAuthorized: [
        {
          clientId: '11112222-bbbb-3333-cccc-4444dddd5555',
          scopes: ['Orders.Read'],
          because: 'TODO: whose client it is',
        },
      ],
    });
    expect(placeholdersIn(catalogue).map(({ place, registered }) => [place, registered])).toEqual([
      ['owner.team', false],
      ['owner.onCall', false],
      ["scopes['Orders.Read'].title", true],
      ["scopes['Orders.Read'].description", true],
      ["scopes['Orders.Read'].because", false],
      ['preAuthorized 11112222-bbbb-3333-cccc-4444dddd5555, because', false],
    ]);
  });

  it('are one warning of the inventory for each catalogue, and none where there are none', () => {
    const warningsOf = (...catalogues: (typeof orders.catalogue)[]) =>
      takeInventory([], { catalogues }).warnings.filter(({ code }) => code === 'placeholder');
    expect(warningsOf(orders.catalogue)).toEqual([]);
    expect(warningsOf(orders.catalogue, catalogueOf({ api: 'api://TODO', owner: { team: 'TODO' } }))).toEqual(
      [
        expect.objectContaining({
          subject: 'api://TODO',
          message: expect.stringContaining(': api, owner.team.'),
        }),
      ],
    );
  });
});

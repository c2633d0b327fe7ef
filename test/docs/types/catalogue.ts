// Types of catalogues. Never run: `tsc -p test` fails where one of these lines changes its mind.
import {
  type AppRoleDefinitions,
  allOf,
  anyOf,
  type Catalogue,
  definePermissions,
  type Grant,
  type Permissions,
  type ScopeDefinitions,
  scopes,
} from '@entra-guard/core';
import { entraGuard } from '@entra-guard/express';
import { requirementDecorators } from '@entra-guard/nestjs';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const text = { description: '…', because: '…' };
const owner = { team: 'Orders', contact: 'orders@contoso.example', onCall: 'night@contoso.example' };
const api = 'api://orders';
const clientId = '11111111-1111-4111-8111-111111111111';

const orders = definePermissions({
  api,
  owner,
  scopes: {
    'Orders.Read': { ...text, consent: 'user' },
    'Orders.Write': { ...text, consent: 'admin', title: 'Write', id: clientId, enabled: false },
  },
  appRoles: {
    'Orders.Read.All': { ...text, for: ['application'] },
    'Orders.Admin': { ...text, for: ['user'] },
    'Orders.Audit': { ...text, for: ['user', 'application'] },
  },
  preAuthorized: [{ clientId, scopes: ['Orders.Read'], because: '…' }],
});

// Each list knows its own names.
holds<
  Equal<
    typeof orders,
    Permissions<
      'Orders.Read' | 'Orders.Write',
      'Orders.Read.All' | 'Orders.Audit',
      'Orders.Admin' | 'Orders.Audit'
    >
  >
>();
const read: Grant = orders.scopes('Orders.Read');
orders.anyScope('Orders.Read', 'Orders.Write');
orders.appPermissions('Orders.Audit');
orders.userRoles('Orders.Audit');
allOf(read, orders.userRoles('Orders.Admin'));
anyOf(read, orders.appPermissions('Orders.Read.All'), scopes('Anything.Plain'));
// @ts-expect-error a misspelt scope
orders.scopes('Orders.Raed');
// @ts-expect-error a misspelt one beside a right one
orders.anyScope('Orders.Read', 'Orders.Raed');
// @ts-expect-error no scope
orders.scopes();
// @ts-expect-error an app role is no scope
orders.scopes('Orders.Admin');
// @ts-expect-error a role of users is no application permission
orders.appPermissions('Orders.Admin');
// @ts-expect-error an application permission is no role of users
orders.anyUserRole('Orders.Read.All');
// @ts-expect-error any text
orders.scopes(process.env.SCOPE ?? '');
// @ts-expect-error nobody replaces a list
orders.scopes = scopes;
// @ts-expect-error or what is in the catalogue
orders.catalogue.scopes.push(orders.catalogue.scopes[0]);

// The same where they are handed on.
const guard = entraGuard({ tenantId: clientId, clientId });
guard.require(orders.scopes('Orders.Read'));
// @ts-expect-error a misspelt scope
guard.require(orders.scopes('Orders.Raed'));
const { RequireScopes, RequireAnyScope, RequireAppPermissions, RequireUserRoles } =
  requirementDecorators(orders);
export class Decorated {
  @RequireScopes('Orders.Read', 'Orders.Write') read(): void {}
  @RequireAppPermissions('Orders.Read.All') app(): void {}
  @RequireUserRoles('Orders.Admin') admin(): void {}
  // @ts-expect-error a misspelt scope
  @RequireScopes('Orders.Raed') misspelt(): void {}
  // @ts-expect-error a misspelt one beside a right one
  @RequireAnyScope('Orders.Read', 'Orders.Raed') misspeltToo(): void {}
  // @ts-expect-error a role of users is no application permission
  @RequireAppPermissions('Orders.Admin') otherKind(): void {}
  // @ts-expect-error an empty list protects nothing
  @RequireScopes() empty(): void {}
}

// Where there are none, there is nothing to name.
const onlyScopes = definePermissions({ api, owner, scopes: { A: { ...text, consent: 'user' } } });
holds<Equal<typeof onlyScopes, Permissions<'A', never, never>>>();
// @ts-expect-error it has no app roles
onlyScopes.userRoles('A');

// Read from elsewhere, the names are any text.
declare const loaded: { scopes: ScopeDefinitions; appRoles: AppRoleDefinitions };
definePermissions({ api, owner, ...loaded }).scopes('Anything');
const plain: Catalogue = orders.catalogue;

// A definition says all that a review asks for, and nothing misspelt.
// @ts-expect-error who answers for it
definePermissions({ api, scopes: { A: { ...text, consent: 'user' } } });
// @ts-expect-error an owner has a team
definePermissions({ api, owner: { contact: 'a' }, scopes: { A: { ...text, consent: 'user' } } });
// @ts-expect-error a misspelt part
definePermissions({ api, owner, scops: {} });
// @ts-expect-error who can consent
definePermissions({ api, owner, scopes: { A: { ...text } } });
// @ts-expect-error why
definePermissions({ api, owner, scopes: { A: { description: '…', consent: 'user' } } });
// @ts-expect-error Graph's word for consent
definePermissions({ api, owner, scopes: { A: { ...text, consent: 'User' } } });
// @ts-expect-error a role for nobody
definePermissions({ api, owner, appRoles: { A: { ...text, for: [] } } });
// @ts-expect-error Graph's word for the holder
definePermissions({ api, owner, appRoles: { A: { ...text, for: ['Application'] } } });
definePermissions({
  api,
  owner,
  scopes: { A: { ...text, consent: 'user' } },
  // @ts-expect-error a client with a scope that is not in the catalogue
  preAuthorized: [{ clientId, scopes: ['B'], because: '…' }],
});

void [plain];

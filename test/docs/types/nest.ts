// Types of @entra-guard/nestjs. Never run: `tsc -p test` fails where one of these lines changes its mind.
import {
  Auth,
  AuthContext,
  allOf,
  anonymous,
  anyOf,
  EntraGuard,
  EntraGuardModule,
  members,
  Require,
  RequireAppPermissions,
  RequireInstead,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';

const tenantId = '11111111-1111-4111-8111-111111111111';
const clientId = '22222222-2222-4222-8222-222222222222';

export class Decorators {
  @Require(scopes('Orders.Read')) grant(): void {}
  @Require(anonymous().because('probe')) opened(): void {}
  @Require(allOf(scopes('Orders.Read'), members()).because('staff')) narrowed(): void {}
  @RequireScopes('Orders.Read', 'Orders.Write') scopes(@Auth() _auth: AuthContext): void {}
  @RequireAppPermissions('Orders.Read.All') app(@Auth({ optional: true }) _auth?: AuthContext): void {}

  // @ts-expect-error: a narrowing alone would let in whoever happens to fit it
  @Require(members()) narrowing(): void {}
  // @ts-expect-error: anyOf takes grants only
  @Require(anyOf(scopes('Orders.Read'), members())) openedByNarrowing(): void {}
  // @ts-expect-error: a string is no requirement
  @Require('Orders.Read') text(): void {}
  // @ts-expect-error: an opening replaces nothing; that is @Public()
  @RequireInstead(anonymous()) instead(): void {}
  // @ts-expect-error: an empty list protects nothing
  @RequireScopes() empty(): void {}
  // @ts-expect-error: handlers have callers, properties have not
  @RequireScopes('Orders.Read') property = 1;
}

@RequireScopes('Orders.Read')
export class OnClass {}

export async function modules(): Promise<void> {
  const entra = await startEntra();
  EntraGuardModule.forRoot(entra.options());
  EntraGuardModule.forRoot({ tenantId, clientId, explain: true, installGuard: false });
  EntraGuardModule.forRoot({
    tenantId,
    clientId,
    guard: EntraGuard,
    defaultRequirement: scopes('Orders.Read'),
  });
  EntraGuardModule.forRoot({ authorities: [{ tenantId, clientId }], isGlobal: false });
  EntraGuardModule.forRoot({
    tenantId,
    clientId,
    handlers: [
      [OnClass, anonymous().because('scraped inside the cluster')],
      [Decorators, 'grant', scopes('Orders.Read')],
    ],
  });
  EntraGuardModule.forRootAsync({
    useFactory: () => ({ tenantId, clientId }),
    defaultRequirement: scopes('A'),
  });
  EntraGuardModule.forRootAsync({
    inject: ['TENANT'],
    useFactory: async (tenant: string) => ({ tenantId: tenant, clientId, defaultRequirement: scopes('A') }),
  });

  // @ts-expect-error: an API has a client ID
  EntraGuardModule.forRoot({ tenantId });
  // @ts-expect-error: one tenant or several, not both
  EntraGuardModule.forRoot({ tenantId, tenants: [tenantId], clientId });
  // @ts-expect-error: the default can't be an opening
  EntraGuardModule.forRoot({ tenantId, clientId, defaultRequirement: anonymous() });
  // @ts-expect-error: an entry of handlers says what is required
  EntraGuardModule.forRoot({ tenantId, clientId, handlers: [[OnClass]] });
  // @ts-expect-error: a guard of your own extends EntraGuard
  EntraGuardModule.forRoot({ tenantId, clientId, guard: OnClass });
}

import { FIRST_SCOPE } from './scope.js';

/**
 * The guard of a NestJS service, as a module to import.
 *
 * @param importEnd what follows the name of a file that is imported
 */
export function nestGuardTemplate(importEnd: string): string {
  return `import { EntraGuardModule } from '@entra-guard/nestjs';
import { permissions } from './entra-permissions${importEnd}';

// In front of every handler. One that declares nothing requires this scope; @RequireScopes(…) says more, @Public() opens it.
// Tenant and client ID are read from ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_CLIENT_ID when the application starts.
export const entraGuard = EntraGuardModule.fromEnv({
  defaultRequirement: permissions.scopes('${FIRST_SCOPE}'),
});
`;
}

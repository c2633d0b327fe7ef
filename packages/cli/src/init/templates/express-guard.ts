import { FIRST_SCOPE } from './scope.js';

/**
 * The guard of an Express service.
 *
 * @param importEnd what follows the name of a file that is imported
 * @param dotenv whether the service reads a `.env` file, which has to happen first
 */
export function expressGuardTemplate(importEnd: string, dotenv: boolean): string {
  return `${dotenv ? "import 'dotenv/config';\n" : ''}import { entraGuard } from '@entra-guard/express';
import { permissions } from './entra-permissions${importEnd}';

// Reads ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_CLIENT_ID. One guard for the application: it keeps Entra's signing keys.
export const guard = entraGuard.fromEnv();

// What every route requires. A route may require more: app.get('/orders', guard.require(…), …)
export const everyRoute = guard.require(permissions.scopes('${FIRST_SCOPE}'));
`;
}

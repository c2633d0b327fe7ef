import type { Identifiers } from '../plan/identifiers.js';
import { FIRST_SCOPE } from '../templates/scope.js';

/**
 * What to set in Entra and in the environment, with the two IDs that the service needs. Source: "Expose an API" and "Register an
 * application" in the documentation of the Microsoft identity platform.
 */
export function registrationSteps({ tenantId, clientId }: Identifiers): readonly string[] {
  const client = clientId ?? '<application (client) ID>';
  return [
    'In Entra (entra.microsoft.com, App registrations), in the registration of this API:',
    `  1. Expose an API: set the Application ID URI to api://${client}, and add the scope ${FIRST_SCOPE}.`,
    '  2. From its overview take the two IDs, and set them where the service runs:',
    `       ENTRA_GUARD_TENANT_ID=${tenantId ?? '<directory (tenant) ID>'}`,
    `       ENTRA_GUARD_CLIENT_ID=${client}`,
    `  3. In the registration of each app that calls: API permissions, add ${FIRST_SCOPE} of this API.`,
    'The client ID is that of this API, and not of an app that calls it.',
  ];
}

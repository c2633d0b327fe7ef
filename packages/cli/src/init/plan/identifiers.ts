import { BadInputError } from '../../bad-input.js';

/** The two IDs of the app registration, as far as they were given. */
export interface Identifiers {
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
}

const GUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const DOMAIN = /^(?=.{3,253}$)[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i;

/**
 * Checks the IDs that were given.
 *
 * @throws BadInputError for a tenant that is neither a GUID nor a domain, and for a client ID that is not a GUID
 */
export function identifiersOf({ tenantId, clientId }: Partial<Identifiers>): Identifiers {
  if (tenantId !== undefined && !GUID.test(tenantId) && !DOMAIN.test(tenantId)) {
    throw new BadInputError(
      `--tenant-id is ${JSON.stringify(tenantId)}, which is neither a GUID nor a domain.`,
      "Give the directory (tenant) ID of the API's app registration.",
    );
  }
  if (clientId !== undefined && !GUID.test(clientId)) {
    throw new BadInputError(
      `--client-id is ${JSON.stringify(clientId)}, which is not a GUID.`,
      'Give the application (client) ID of the API, and not that of an app that calls it.',
    );
  }
  return { tenantId, clientId };
}

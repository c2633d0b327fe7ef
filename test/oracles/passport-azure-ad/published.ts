import type { Pages } from '../../support/authority-server.js';
import {
  CONSUMERS,
  KEY,
  LOGIN,
  makeKey,
  OTHER_TENANT,
  sharedPages,
  TENANT,
  type TestKey,
  tenantPages,
  WELL_KNOWN,
} from '../../support/forger.js';

/** A key of the consumer tenant. */
export const CONSUMER_KEY: TestKey = makeKey('consumers');
export const B2C_HOST = 'https://contosob2c.b2clogin.com';
export const B2C_TENANT = '33334444-dddd-5555-eeee-6666ffff7777';
export const DOMAIN = 'contoso.onmicrosoft.com';
export const POLICY = 'B2C_1_signin';

/** Makes the documents of two workforce tenants, the shared ones, and those of two policies of a B2C tenant. */
export function published(keys: readonly TestKey[] = [KEY]): Pages {
  const pages = {
    ...tenantPages(TENANT, keys),
    ...tenantPages(OTHER_TENANT, keys),
    ...tenantPages(CONSUMERS, [CONSUMER_KEY]),
    ...sharedPages(keys, [CONSUMER_KEY]),
    // A tenant's documents are available by its GUID and by its domain.
    [`${LOGIN}/${DOMAIN}/v2.0${WELL_KNOWN}`]: tenantPages(TENANT)[`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`],
    [`${LOGIN}/${DOMAIN}${WELL_KNOWN}`]: tenantPages(TENANT)[`${LOGIN}/${TENANT}${WELL_KNOWN}`],
    ...b2cPages(POLICY, keys),
    ...b2cPages('B2C_1_edit', keys),
  };
  return Object.fromEntries(
    Object.entries(pages).map(([address, document]) => [
      address,
      'issuer' in (document as object)
        ? { ...(document as object), id_token_signing_alg_values_supported: ['RS256'] }
        : document,
    ]),
  );
}

export const b2cIssuer = `${B2C_HOST}/${B2C_TENANT}/v2.0/`;

function b2cPages(policy: string, keys: readonly TestKey[]): Pages {
  const base = `${B2C_HOST}/contosob2c.onmicrosoft.com/${policy}`;
  const metadata = { issuer: b2cIssuer, jwks_uri: `${base}/discovery/v2.0/keys` };
  const address = `${base}/v2.0/.well-known/openid-configuration`;
  return {
    [address]: metadata,
    [`${address}?p=${policy}`]: metadata,
    [`${B2C_HOST}/contosob2c.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=${policy}`]: metadata,
    [`${base}/discovery/v2.0/keys`]: { keys: keys.map(({ jwk }) => jwk) },
  };
}

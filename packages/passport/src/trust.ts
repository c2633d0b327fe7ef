import type { Cloud, MultiTenantOptions, TenantPredicate } from '@entra-guard/core';
import type { MigrationTerms } from '@entra-guard/core/migration';
import { misconfigured } from './configuration.js';
import { readAddress, withTenant } from './metadata-address.js';
import type { IBearerStrategyOption } from './options.js';

/** Which tokens are accepted, as options of the core. */
export interface Trust {
  readonly authority:
    | { readonly tenantId: string }
    | Pick<MultiTenantOptions, 'tenants'>
    | OneAuthority
    | readonly OneAuthority[];
  readonly cloud?: Cloud;
  readonly customSigningKeys?: boolean;
  readonly terms: Pick<MigrationTerms, 'issuers' | 'version'>;
  /** Warnings of settings that a production API should not have, with what to do. */
  readonly warnings: readonly (readonly [message: string, hint: string])[];
}

interface OneAuthority {
  readonly authority: string;
  readonly policies?: readonly string[];
}

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
/** The tenant of all personal Microsoft accounts (Entra: access tokens, `tid`). */
const PERSONAL_ACCOUNTS = '9188040d-6c67-4c5b-b112-36a304b66dad';
/** Shared by all strategies, because it does not depend on options. */
const anyTenant: TenantPredicate = () => true;

/**
 * Reads `identityMetadata`, `issuer`, `validateIssuer`, `tenants` and the options of B2C. Returns `undefined` if each
 * request names its tenant (`tenantIdOrName`) and `tenant` is missing.
 *
 * @param tenant the tenant of the request
 * @throws ConfigurationError
 */
export function resolveTrust(options: IBearerStrategyOption, tenant?: string): Trust | undefined {
  const policy = resolvePolicy(options);
  const common = options.identityMetadata?.includes?.('/common/') === true;
  const issuers = issuerList(options.issuer);
  const perRequest =
    common && (options.isB2C === true || (options.validateIssuer !== false && !issuers && !options.tenants));
  if (perRequest && tenant === undefined) return undefined;
  const identityMetadata =
    common && tenant !== undefined ? withTenant(options.identityMetadata, tenant) : options.identityMetadata;
  const address = readAddress({ ...options, identityMetadata }, policy);
  if (address.kind === 'other') {
    const policies = options.policies ? { policies: options.policies } : {};
    const terms = { issuers, ...(issuers || address.b2c ? {} : { version: address.version }) };
    const listed = tenant === undefined ? listedTenants(options.tenants, issuers) : undefined;
    if (listed !== undefined && SHARED.test(address.url.pathname)) {
      // At Entra, a shared address has keys for all tenants. At any other host each tenant has its own authority.
      const authority = listed.map((each) => ({ authority: atTenant(address.url, each), ...policies }));
      return { authority, terms, warnings: [] };
    }
    if (options.tenants !== undefined) {
      throw misconfigured(
        'tenants is set, but identityMetadata names one tenant: of B2C, of External ID or of a custom domain.',
        'Remove tenants.',
      );
    }
    return {
      authority: { authority: address.url.href, ...policies },
      terms,
      warnings: options.validateIssuer === false ? [STILL_VALIDATED] : [],
    };
  }
  const shared = {
    cloud: address.cloud,
    ...(address.ownKeys ? { customSigningKeys: true } : {}),
    terms: { issuers },
    warnings: [],
  };
  if (options.tenants !== undefined) return { ...shared, authority: { tenants: options.tenants } };
  const alias = address.tenant.toLowerCase();
  if (options.validateIssuer === false && tenant === undefined) {
    const tenants = {
      common: anyTenant,
      organizations: 'any-organization' as const,
      consumers: [PERSONAL_ACCOUNTS],
    };
    const authority = { tenants: Object.hasOwn(tenants, alias) ? tenants[alias as 'common'] : anyTenant };
    return { ...shared, terms: {}, authority, warnings: alias === 'consumers' ? [] : [ANY_TENANT] };
  }
  if (issuers !== undefined) return { ...shared, authority: { tenants: tenantsIn(issuers) } };
  if (alias === 'organizations') {
    throw misconfigured(
      'identityMetadata is /organizations/, which names no issuer that a token could have.',
      "List the accepted tenants: tenants: ['…']. To accept every organisation: tenants: 'any-organization'.",
    );
  }
  const terms = { version: address.version };
  if (alias === 'consumers') return { ...shared, terms, authority: { tenants: [PERSONAL_ACCOUNTS] } };
  return { ...shared, terms, authority: { tenantId: address.tenant } };
}

const ANY_TENANT = [
  'validateIssuer is false: every tenant of Entra may call this API, and anyone can create a tenant.',
  "List the accepted tenants instead: tenants: ['…']. To accept every organisation: tenants: 'any-organization'.",
] as const;

const STILL_VALIDATED = [
  'validateIssuer is false, but the issuer is validated: the authority has only one.',
  'Remove validateIssuer.',
] as const;

function resolvePolicy({ isB2C, policyName }: IBearerStrategyOption): string | undefined {
  if (isB2C !== true) return undefined;
  if (typeof policyName === 'string' && /^b2c_1a?_[0-9a-z._-]+$/i.test(policyName)) return policyName;
  throw misconfigured(
    'invalid policy for B2C.',
    'Set policyName to the user flow or custom policy: B2C_1_signupsignin.',
  );
}

function issuerList(issuer: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(issuer) ? issuer : [issuer || []].flat();
  if (list.length === 0) return undefined;
  if (list.every((one) => typeof one === 'string' && one !== '')) return list as readonly string[];
  throw misconfigured('issuer contains something that is not a string.', 'Is an environment variable unset?');
}

/** The segment of a path that stands for many tenants. */
const SHARED = /\/(common|organizations|consumers)(?=\/)/i;

function atTenant(address: URL, tenant: string): string {
  const url = new URL(address);
  url.pathname = url.pathname.replace(SHARED, `/${tenant}`);
  return url.href;
}

function listedTenants(
  tenants: IBearerStrategyOption['tenants'],
  issuers: readonly string[] | undefined,
): readonly string[] | undefined {
  if (Array.isArray(tenants) && tenants.length > 0) return tenants as readonly string[];
  return tenants === undefined && issuers !== undefined ? tenantsIn(issuers) : undefined;
}

/** Returns the tenants of issuers. Every issuer of Entra contains the tenant's GUID. */
function tenantsIn(issuers: readonly string[]): readonly string[] {
  const tenants = issuers.flatMap((issuer) => GUID.exec(issuer) ?? []).map((guid) => guid.toLowerCase());
  if (tenants.length > 0) return [...new Set(tenants)];
  throw misconfigured(
    'issuer does not contain the GUID of a tenant, as every issuer of Entra does.',
    'Set it to https://login.microsoftonline.com/{GUID}/v2.0 for version 2 tokens, https://sts.windows.net/{GUID}/ for version 1, or remove it.',
  );
}

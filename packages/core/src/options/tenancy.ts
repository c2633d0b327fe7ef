import { ConfigurationError } from '../base/errors.js';
import { CONSUMER_TENANT, isGuid } from '../base/guid.js';
import { isSecure } from '../base/loopback.js';
import { mayBeSecret, printable } from '../base/printable.js';
import { isB2cHost } from './clouds.js';
import type { Cloud, EntraOptions, TenantPredicate } from './options.js';

/** Which tenants' tokens are accepted: one of four kinds. */
export type Tenancy =
  | { readonly kind: 'single'; readonly tenant: string }
  | { readonly kind: 'list'; readonly tenants: ReadonlySet<string> }
  | { readonly kind: 'any'; readonly accepts: TenantPredicate | undefined }
  | {
      readonly kind: 'authority';
      /** The metadata URL as configured, or the authority with the well-known path appended. */
      readonly metadataUrl: string;
      /** Azure AD B2C only. */
      readonly b2c: B2cPolicies | undefined;
    };

/** Which policies of a B2C tenant are accepted. */
export interface B2cPolicies {
  /** The names as configured, by their lower-case form. B2C ignores case, but a proxy before it may not. */
  readonly accepted: ReadonlyMap<string, string>;
  /** The policy in the metadata URL, as it is written there. Another policy's URL has its name in this place. */
  readonly inUrl: string;
}

const ALIASES: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers', '{tenantid}']);
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;
const WELL_KNOWN = '/.well-known/openid-configuration';
const B2C_POLICY = /^b2c_1a?_.+/i;

/**
 * Reads `tenantId`, `tenants` or `authority`.
 *
 * @throws ConfigurationError
 */
export function resolveTenancy(options: EntraOptions, cloud: Cloud): Tenancy {
  const given = (['tenantId', 'tenants', 'authority'] as const).filter((name) => options[name] !== undefined);
  const [only] = given;
  if (given.length !== 1 || only === undefined) {
    const present = (['tenantId', 'tenants', 'authority'] as const).filter((name) => name in options);
    const unset = present.length > 0 ? ` (${present.join(' and ')} is there, and undefined)` : '';
    throw new ConfigurationError(
      given.length === 0
        ? `None of tenantId, tenants and authority is set${unset}.`
        : `${given.join(' and ')} are set at once.`,
      'Set exactly one: tenantId for one tenant, tenants for several, authority for B2C, External ID or a custom domain. Is an environment variable unset?',
    );
  }
  if (options.policies !== undefined && only !== 'authority') {
    throw new ConfigurationError(
      'policies is set without authority.',
      'Policies belong to Azure AD B2C: set authority to https://{name}.b2clogin.com/{name}.onmicrosoft.com/{policy}/v2.0.',
    );
  }
  if (only === 'tenantId') return { kind: 'single', tenant: resolveTenantId(options.tenantId) };
  if (only === 'tenants') return resolveTenants(options.tenants, cloud);
  return resolveAuthority(options.authority, options.policies);
}

function resolveTenantId(value: unknown): string {
  if (isGuid(value)) return value.toLowerCase();
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (text === '' || text === 'undefined' || text === 'null') {
    throw new ConfigurationError(`tenantId is '${text}'.`, 'Is an environment variable unset?');
  }
  if (text !== undefined && ALIASES.has(text.toLowerCase())) {
    throw new ConfigurationError(
      `tenantId is '${text}', which stands for many tenants: everybody with a Microsoft account could get a token.`,
      "Set tenantId to your tenant's GUID, or list the accepted ones: tenants: ['…']. For every organisation there is: tenants: 'any-organization'.",
    );
  }
  if (text !== undefined && /^[0-9a-f-]{28,44}$/i.test(text)) {
    throw new ConfigurationError(
      `tenantId is '${text}', almost a GUID: ${text.length} characters instead of 36, or a hyphen in the wrong place.`,
      'Copy "Directory (tenant) ID" from the overview page of the app registration.',
    );
  }
  if (text !== undefined && mayBeSecret(text)) {
    throw new ConfigurationError(
      'tenantId looks like a client secret.',
      "Set it to the tenant's GUID. If the secret was committed or logged, replace it in Entra.",
    );
  }
  if (text === undefined || text !== value || !DOMAIN.test(text)) {
    throw new ConfigurationError(
      `tenantId is ${printable(value, 80)}.`,
      "Use the tenant's GUID or one of its verified domains, such as contoso.onmicrosoft.com. For a URL use authority.",
    );
  }
  return text.toLowerCase();
}

function resolveTenants(value: unknown, cloud: Cloud): Tenancy {
  if (typeof value === 'function') return { kind: 'any', accepts: value as TenantPredicate };
  if (value === 'any-organization') return { kind: 'any', accepts: undefined };
  if (!Array.isArray(value) || value.length === 0) {
    throw new ConfigurationError(
      `tenants is ${Array.isArray(value) ? 'an empty list' : printable(value, 80)}.`,
      "Use a list of tenant GUIDs, a function (tenantId) => boolean, or 'any-organization'.",
    );
  }
  for (const tenant of value) {
    if (isGuid(tenant)) continue;
    throw new ConfigurationError(
      `tenants holds ${printable(tenant, 80)}, which is not a GUID.`,
      "List tenants by their GUID: a domain may change hands. For every organisation there is: tenants: 'any-organization'.",
    );
  }
  const tenants = new Set((value as readonly string[]).map((tenant) => tenant.toLowerCase()));
  if (cloud !== 'public' && tenants.has(CONSUMER_TENANT)) {
    throw new ConfigurationError(
      'tenants holds the tenant of personal Microsoft accounts, which national clouds do not have.',
      'Remove it, or the cloud option.',
    );
  }
  return { kind: 'list', tenants };
}

function resolveAuthority(value: unknown, policies: unknown): Tenancy {
  const refuse = (problem: string, fix: string): ConfigurationError =>
    new ConfigurationError(`authority is ${withoutCredentials(value)}${problem}.`, fix);
  const example = 'Use the URL that stands before /.well-known/openid-configuration.';
  if (typeof value !== 'string' || !URL.canParse(value)) throw refuse(', which is not a URL', example);
  const url = new URL(value);
  if (!isSecure(url))
    throw refuse(', which is not https', 'Only an authority on this machine (localhost) may use http.');
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw refuse(', with credentials or a fragment', example);
  }
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const alias = segments.find((segment) => ALIASES.has(unescaped(segment, refuse).toLowerCase()));
  if (alias !== undefined) {
    throw refuse(
      `, and '${alias}' stands for many tenants`,
      "Name the accepted tenants instead: tenants: ['…'], or tenants: 'any-organization'.",
    );
  }
  if (segments.length === 0 && !url.hostname.endsWith('.ciamlogin.com')) {
    throw refuse(', which names no tenant', 'Put the tenant behind the host: https://{host}/{tenant}/v2.0.');
  }
  // Entra External ID documents its authority without a path. The host's first label is the tenant's name.
  const pathname =
    segments.length === 0
      ? `/${url.hostname.split('.')[0]}.onmicrosoft.com/v2.0`
      : url.pathname.replace(/\/+$/, '');
  const isMetadata = pathname.endsWith(WELL_KNOWN);
  if (url.search !== '' && !isMetadata && !url.searchParams.has('p')) {
    throw refuse(', with a query', `A query belongs to a whole metadata URL, ending in ${WELL_KNOWN}?…`);
  }
  const metadataUrl = `${url.origin}${pathname}${isMetadata ? '' : WELL_KNOWN}${url.search}`;
  return { kind: 'authority', metadataUrl, b2c: resolvePolicies(policies, policyIn(url, segments), url) };
}

function unescaped(segment: string, refuse: (problem: string, fix: string) => ConfigurationError): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refuse(', with a broken escape in its path', 'Copy the URL from the portal as it is.');
  }
}

/** Removes credentials from a URL, because errors end up in logs. */
function withoutCredentials(value: unknown): string {
  if (typeof value !== 'string' || !URL.canParse(value))
    return printable(value).replace(/[^/\\]*@/, '(credentials)@');
  const { protocol, host, pathname, search } = new URL(value);
  return printable(`${protocol}//${host}${pathname}${search}`);
}

function policyIn(url: URL, segments: readonly string[]): string | undefined {
  return url.searchParams.get('p') ?? segments.find((segment) => B2C_POLICY.test(segment));
}

function resolvePolicies(value: unknown, configured: string | undefined, url: URL): B2cPolicies | undefined {
  const list: unknown = value ?? (configured === undefined ? undefined : [configured]);
  if (list === undefined) {
    if (!isB2cHost(url.hostname)) return undefined;
    throw new ConfigurationError(
      `authority ${printable(url.href)} is Azure AD B2C and names no policy.`,
      'Put the policy into it: https://{name}.b2clogin.com/{name}.onmicrosoft.com/{policy}/v2.0.',
    );
  }
  if (
    !Array.isArray(list) ||
    list.length === 0 ||
    !list.every((one) => typeof one === 'string' && one !== '')
  ) {
    throw new ConfigurationError(
      `policies is ${printable(list)}.`,
      "List policy names: ['B2C_1_signupsignin'].",
    );
  }
  if (configured === undefined) {
    throw new ConfigurationError(
      'policies is set, and the authority names no policy.',
      'Put one of the policies into the authority, as in its metadata URL.',
    );
  }
  const accepted = new Map((list as readonly string[]).map((name) => [name.toLowerCase(), name]));
  return { accepted, inUrl: configured };
}

/** Tells whether the authority is an Azure AD B2C tenant. */
export function isB2c({ tenancy }: { readonly tenancy: Tenancy }): boolean {
  return tenancy.kind === 'authority' && tenancy.b2c !== undefined;
}

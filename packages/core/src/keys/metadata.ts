import type { JsonObject } from '../base/json-object.js';
import { isLoopback, isSecure } from '../base/loopback.js';
import { printable } from '../base/printable.js';
import { ownedBy } from '../options/clouds.js';
import type { Cloud } from '../options/options.js';
import { fillTemplate, isTemplate, tenantInIssuer } from './issuer-text.js';

/** The used part of an authority's OpenID configuration (OpenID Connect Discovery 1.0 section 3). */
export interface Metadata {
  /** Exactly as in tokens, or with `{tenantid}` if many tenants share it. */
  readonly issuer: string;
  readonly keysUrl: string;
  readonly authorizationUrl: string | undefined;
  readonly tokenUrl: string | undefined;
  /** The tenant that the issuer names; `undefined` if it has `{tenantid}`. */
  readonly tenantId: string | undefined;
}

/** What the metadata must state to be accepted. */
export interface MetadataExpectation {
  /** The URL that it is read from. */
  readonly url: string;
  readonly cloud: Cloud;
  /** `template`: the issuer holds `{tenantid}`; `any`: it names any one tenant; `id`: it names that tenant. */
  readonly tenant: 'template' | 'any' | { readonly id: string };
}

/**
 * Reads an OpenID configuration and compares it with the expectation.
 *
 * @throws Error whose message says what was found and expected
 */
export function parseMetadata(json: JsonObject, expectation: MetadataExpectation): Metadata {
  const { issuer, jwks_uri: keysUrl, authorization_endpoint, token_endpoint } = json;
  if (typeof issuer !== 'string') throw new Error('the metadata names no issuer');
  if (typeof keysUrl !== 'string') throw new Error('the metadata names no key set (jwks_uri)');
  const base = new URL(expectation.url);
  assertTrusted(fillTemplate(issuer, 'tenantid'), 'issuer', base, expectation.cloud);
  assertTrusted(keysUrl, 'key set (jwks_uri)', base, expectation.cloud);
  // Credentials are sent there, where the API gets tokens for other APIs.
  if (typeof token_endpoint === 'string') {
    assertTrusted(token_endpoint, 'token endpoint (token_endpoint)', base, expectation.cloud);
  }
  const templated = isTemplate(issuer);
  const tenantId = templated ? undefined : tenantInIssuer(issuer);
  assertTenant(issuer, templated, tenantId, expectation.tenant);
  return Object.freeze({
    issuer,
    keysUrl,
    authorizationUrl: typeof authorization_endpoint === 'string' ? authorization_endpoint : undefined,
    tokenUrl: typeof token_endpoint === 'string' ? token_endpoint : undefined,
    tenantId,
  });
}

/** Writes an OpenID configuration from which {@link parseMetadata} reads the same metadata. */
export function formatMetadata({ issuer, keysUrl, authorizationUrl, tokenUrl }: Metadata): JsonObject {
  const all = {
    issuer,
    jwks_uri: keysUrl,
    authorization_endpoint: authorizationUrl,
    token_endpoint: tokenUrl,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Refuses a URL that is not on https, or on a host that is neither the cloud's nor the configured one. */
function assertTrusted(text: string, what: string, base: URL, cloud: Cloud): void {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`the metadata's ${what} is not a URL: ${printable(text)}`);
  }
  // Accepts plain http only for an authority that is itself configured on loopback.
  const secure = isSecure(url) && (url.protocol === 'https:' || isLoopback(base.hostname));
  if (!secure) throw new Error(`the metadata's ${what} is not on https: ${printable(text)}`);
  const here = url.hostname === base.hostname || (isLoopback(url.hostname) && isLoopback(base.hostname));
  if (!here && !ownedBy(cloud, url.hostname)) {
    throw new Error(
      `the metadata's ${what} is on a host that does not belong to the authority: ${printable(url.hostname)}`,
    );
  }
}

function assertTenant(
  issuer: string,
  templated: boolean,
  tenantId: string | undefined,
  expected: MetadataExpectation['tenant'],
): void {
  if (expected === 'template') {
    if (!templated)
      throw new Error(`the metadata's issuer is one tenant's (${printable(issuer)}), not the shared one`);
    return;
  }
  if (templated) {
    throw new Error(
      `the metadata's issuer stands for every tenant (${printable(issuer)}): configure tenants instead of one authority`,
    );
  }
  if (tenantId === undefined) throw new Error(`the metadata's issuer names no tenant: ${printable(issuer)}`);
  if (expected !== 'any' && tenantId !== expected.id) {
    throw new Error(`the metadata's issuer names tenant ${tenantId}, expected ${expected.id}`);
  }
}

import type { Cloud } from '@entra-guard/core';
import { misconfigured } from './configuration.js';
import type { IBearerStrategyOption } from './options.js';
import { assertTenant } from './tenant-name.js';

/** The authority that `identityMetadata` points at. */
export type MetadataAddress =
  | {
      /** A workforce tenant or an alias such as `common`, on a host of Entra. */
      readonly kind: 'entra';
      readonly cloud: Cloud;
      /** The tenant segment as it is written: a GUID, a domain or an alias. */
      readonly tenant: string;
      readonly version: 'v1' | 'v2';
      readonly ownKeys: boolean;
    }
  | {
      /** Azure AD B2C, External ID, a custom domain or a local Entra. */
      readonly kind: 'other';
      readonly url: URL;
      readonly version: 'v1' | 'v2';
      readonly b2c: boolean;
    };

const CLOUD_OF: Readonly<Record<string, Cloud>> = {
  'login.microsoftonline.com': 'public',
  'login.microsoft.com': 'public',
  'login.windows.net': 'public',
  'sts.windows.net': 'public',
  'login.microsoftonline.us': 'usgov',
  'login.partner.microsoftonline.cn': 'china',
  'login.chinacloudapi.cn': 'china',
};

const DOCUMENT = '/.well-known/openid-configuration';
const ENTRA_PATH = /^\/([^/]+)(\/v2\.0)?$/i;

/**
 * Reads `identityMetadata`.
 *
 * @throws ConfigurationError
 */
export function readAddress(
  {
    identityMetadata,
    clientID,
    isB2C,
  }: Pick<IBearerStrategyOption, 'identityMetadata' | 'clientID' | 'isB2C'>,
  policy: string | undefined,
): MetadataAddress {
  const url = parse(identityMetadata);
  const path = url.pathname.replace(/\/+$/, '');
  const before = path.endsWith(DOCUMENT) ? path.slice(0, -DOCUMENT.length) : path;
  if (before.includes('/.well-known')) {
    throw misconfigured(
      `identityMetadata ends in ${path.slice(path.indexOf('/.well-known'))}.`,
      `It has to end in ${DOCUMENT}.`,
    );
  }
  const entra = url.protocol === 'https:' && url.port === '' && Object.hasOwn(CLOUD_OF, url.hostname);
  const cloud = entra && Object.hasOwn(CLOUD_OF, url.hostname) ? CLOUD_OF[url.hostname] : undefined;
  const [, tenant, v2] = ENTRA_PATH.exec(before) ?? [];
  // `appid` asks for the API's own signing keys. Any other query belongs to this address only.
  const ownKeys = url.search.toLowerCase() === `?appid=${clientID.toLowerCase()}`;
  if (cloud !== undefined && tenant !== undefined && isB2C !== true && (url.search === '' || ownKeys)) {
    return {
      kind: 'entra',
      cloud,
      tenant: unescaped(tenant),
      version: v2 === undefined ? 'v1' : 'v2',
      ownKeys,
    };
  }
  url.pathname = `${before}${DOCUMENT}`;
  if (policy !== undefined && !names(url, policy)) url.searchParams.set('p', policy);
  const version = before.toLowerCase().endsWith('/v2.0') ? 'v2' : 'v1';
  return { kind: 'other', url, version, b2c: isB2C === true || /b2c_1a?_/i.test(url.href) };
}

/**
 * Replaces `/common/` with the tenant of this request. The tenant may come from the caller, so it must not become more
 * than one segment of the path.
 *
 * @throws ConfigurationError
 */
export function withTenant(identityMetadata: string, tenant: string): string {
  assertTenant(tenant);
  return identityMetadata.replace('/common/', `/${tenant}/`);
}

function parse(value: unknown): URL {
  // The core decides whether plain http is allowed, which it is on this machine.
  if (typeof value === 'string' && /^https?:\/\/\S+$/i.test(value) && URL.canParse(value))
    return new URL(value);
  throw misconfigured(
    'identityMetadata must be provided and must be a https url.',
    'Set it to https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration. Is an environment variable unset?',
  );
}

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw misconfigured(
      'identityMetadata has an invalid percent-encoding in its path.',
      'Copy it from the portal without changes.',
    );
  }
}

function names(url: URL, policy: string): boolean {
  const wanted = policy.toLowerCase();
  const inPath = url.pathname.split('/').some((segment) => segment.toLowerCase() === wanted);
  return inPath || url.searchParams.get('p')?.toLowerCase() === wanted;
}

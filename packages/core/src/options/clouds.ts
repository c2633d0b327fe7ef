import type { Cloud } from './options.js';

/** What differs between the national clouds (Entra: national clouds; MSAL's list of authority hosts). */
export interface CloudFacts {
  /** The host from which metadata is read. */
  readonly loginHost: string;
  /** Hosts that may serve keys or appear in an issuer. */
  readonly hosts: readonly string[];
  /** Suffixes of such hosts, each with a leading dot. */
  readonly suffixes: readonly string[];
}

const CLOUDS: Readonly<Record<Cloud, CloudFacts>> = {
  public: {
    loginHost: 'login.microsoftonline.com',
    hosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    suffixes: ['.b2clogin.com', '.ciamlogin.com'],
  },
  usgov: {
    loginHost: 'login.microsoftonline.us',
    hosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net', 'sts.windows.net'],
    suffixes: ['.b2clogin.us', '.ciamlogin.us'],
  },
  china: {
    loginHost: 'login.partner.microsoftonline.cn',
    hosts: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn', 'sts.chinacloudapi.cn'],
    suffixes: ['.b2clogin.cn', '.ciamlogin.cn'],
  },
};

export const CLOUD_NAMES: readonly Cloud[] = Object.freeze(['public', 'usgov', 'china'] as const);

export function cloudFacts(cloud: Cloud): CloudFacts {
  return CLOUDS[cloud];
}

/** Tells whether Microsoft runs this host in that cloud. */
export function ownedBy(cloud: Cloud, host: string): boolean {
  const { hosts, suffixes } = CLOUDS[cloud];
  return hosts.includes(host) || suffixes.some((suffix) => host.endsWith(suffix));
}

/** Returns the cloud of an issuer's host. Distinguishes a token of another cloud from a forged one. */
export function cloudOf(host: string): Cloud | undefined {
  return CLOUD_NAMES.find((cloud) => ownedBy(cloud, host));
}

/** Tells whether a host is Azure AD B2C's, in any cloud. */
export function isB2cHost(host: string): boolean {
  return Object.values(CLOUDS).some(({ suffixes }) =>
    suffixes.some((suffix) => suffix.startsWith('.b2clogin.') && host.endsWith(suffix)),
  );
}

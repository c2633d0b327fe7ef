import type { Cloud, Finding, ValidatorOptions } from '@entra-guard/core';
import { type Fact, shortened } from './about-token.js';
import { type OwnClaims, ownClaims } from './own-claims.js';

/** What an API would have to be set up with to accept a token: as options, and for people. */
export interface WouldAccept {
  readonly options: ValidatorOptions;
  readonly facts: readonly Fact[];
}

/** No tenant and no API: they stand where the token names none. */
const NONE = '00000000-0000-4000-8000-000000000001';
const NO_API = '00000000-0000-4000-8000-000000000002';
const NOWHERE: ValidatorOptions = { tenantId: NONE, clientId: NO_API };

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const GUID_WITHIN = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

const CLOUDS: readonly (readonly [host: RegExp, cloud: Cloud])[] = [
  [/^login\.microsoftonline\.us$|\.(?:b2clogin|ciamlogin)\.us$/, 'usgov'],
  [/^login\.partner\.microsoftonline\.cn$|^sts\.chinacloudapi\.cn$|\.(?:b2clogin|ciamlogin)\.cn$/, 'china'],
];

/**
 * What an API has to configure to accept a token, by what the token says of itself. What is odd about the token is for the
 * core to say, when it is given the options; which API it is for is not among them, and not to be judged by them.
 */
export function wouldAccept(token: string): WouldAccept {
  const claims = ownClaims(token);
  if (claims === undefined) return { options: NOWHERE, facts: [] };
  const whose = authorityOf(claims);
  const facts = Object.entries({ ...whose, ...apiOf(claims.aud) });
  return {
    options: {
      ...(whose.authority === undefined ? NOWHERE : { clientId: NO_API }),
      ...whose,
    } as ValidatorOptions,
    facts: facts.map(([name, value]) => ({ name, value: shortened(String(value)) })),
  };
}

interface Whose {
  readonly tenantId?: string;
  readonly authority?: string;
  readonly cloud?: Cloud;
}

function authorityOf({ iss, tfp, acr }: OwnClaims): Whose {
  if (typeof iss !== 'string' || !URL.canParse(iss)) return {};
  const { origin, hostname, pathname } = new URL(iss);
  const tenantId = GUID_WITHIN.exec(pathname)?.[0].toLowerCase();
  if (tenantId === undefined) return {};
  const cloud = CLOUDS.find(([host]) => host.test(hostname))?.[1];
  const inCloud = cloud === undefined ? {} : { cloud };
  const policy = [tfp, acr].find((one) => typeof one === 'string' && /^b2c_1a?_[\w.-]+$/i.test(one));
  if (/\.b2clogin\.(?:com|us|cn)$/.test(hostname)) {
    return typeof policy === 'string'
      ? { authority: `${origin}/${tenantId}/${policy}/v2.0`, ...inCloud }
      : {};
  }
  const local = /^(?:localhost|\[::1\]|127(?:\.[0-9]{1,3}){3})$/.test(hostname);
  if (local || /\.ciamlogin\.(?:com|us|cn)$/.test(hostname)) {
    return { authority: `${origin}/${tenantId}/v2.0`, ...inCloud };
  }
  return { tenantId, ...inCloud };
}

function apiOf(aud: unknown): { readonly clientId?: string; readonly applicationIdUri?: string } {
  if (typeof aud !== 'string' || resourceOf(aud) !== undefined) return {};
  if (GUID.test(aud)) return { clientId: aud.toLowerCase() };
  const own = /^api:\/\/([^/]+)\/?$/.exec(aud)?.[1] ?? '';
  if (GUID.test(own)) return { clientId: own.toLowerCase() };
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(aud) ? { applicationIdUri: aud.replace(/\/$/, '') } : {};
}

/** Microsoft's own APIs by their audiences (Entra: "Verify first-party Microsoft applications"). */
const RESOURCES: readonly (readonly [name: string, ...audiences: string[]])[] = [
  ['Microsoft Graph', '00000003-0000-0000-c000-000000000000', 'https://graph.microsoft.com'],
  ['Azure AD Graph', '00000002-0000-0000-c000-000000000000', 'https://graph.windows.net'],
  [
    'Azure Resource Manager',
    '797f4846-ba00-4fd7-ba43-dac1f8f63013',
    'https://management.azure.com',
    'https://management.core.windows.net',
  ],
  ['Azure Key Vault', 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'https://vault.azure.net'],
  ['Azure Storage', 'https://storage.azure.com'],
  ['Azure SQL', 'https://database.windows.net'],
  [
    'the exchange of workload identities',
    'api://AzureADTokenExchange',
    'api://AzureADTokenExchangeUSGov',
    'api://AzureADTokenExchangeChina',
  ],
];

function resourceOf(aud: string): string | undefined {
  const wanted = aud.replace(/\/$/, '').toLowerCase();
  return RESOURCES.find(([, ...audiences]) => audiences.some((one) => one.toLowerCase() === wanted))?.[0];
}

/**
 * What the core found, in the light of there being no API: an issuer and an audience that were taken from the token itself
 * were compared with nothing.
 */
export function comparedWithNone(findings: readonly Finding[], token: string): readonly Finding[] {
  const aud = ownClaims(token)?.aud;
  const resource = typeof aud === 'string' ? resourceOf(aud) : undefined;
  return findings.map((finding): Finding => {
    const { check, found } = finding;
    if (check === 'audience' && resource !== undefined) {
      return {
        check,
        ok: false,
        code: 'audience_not_accepted',
        found,
        expected: 'an API of your own',
        hint: `The token is for ${resource}, and no other API may accept it. The client has to ask for a scope of the API that it calls: <application ID URI>/<scope>.`,
      };
    }
    if (check === 'audience' && typeof aud === 'string' && aud !== '') return notCompared(finding);
    if (check !== 'issuer') return finding;
    if (finding.ok !== false) return notCompared(finding);
    if (finding.code !== 'issuer_not_accepted') return finding;
    return {
      ...finding,
      expected: 'an issuer of Entra',
      hint: `${finding.hint ?? ''} If it is a custom domain of B2C or External ID, say so with --authority and --client.`,
    };
  });
}

function notCompared({ check, found }: Finding): Finding {
  return {
    check,
    ok: undefined,
    found,
    expected: 'that of the API',
    hint: 'Say which API: --tenant and --client.',
  };
}

import type { AuthorityFacts } from './authority-facts.js';
import { type Fault, fault } from './fault.js';
import { foreignList, foreignText } from './foreign-text.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SHARED: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers']);

/** What is wrong with the authorization server, as clients find it. */
export function authorityFaults(authority: AuthorityFacts): readonly Fault[] {
  const { named, places, challengeMethods, scopes, registers, takesMetadataIds, isEntra } = authority;
  const whose = tenantFault(authority);
  if (places.length === 0) {
    return [
      ...whose,
      fault('no_authority_metadata', `${foreignText(named)} has no metadata where clients look`),
    ];
  }
  return [
    ...whose,
    ...(whose.length === 0 ? issuerFault(authority) : []),
    ...pkceFault(challengeMethods),
    ...(registers || takesMetadataIds
      ? []
      : [fault('no_registration', 'clients can neither register nor identify by a URL')]),
    ...(isEntra && scopes.includes('offline_access')
      ? [fault('consent_every_time', 'its metadata offers offline_access')]
      : []),
  ];
}

function tenantFault({ named, isEntra, tenant = '' }: AuthorityFacts): readonly Fault[] {
  if (!isEntra || GUID.test(tenant)) return [];
  const found = `${foreignText(named)} names ${tenant === '' ? 'no tenant' : `the tenant as ${foreignText(tenant)}`}`;
  if (SHARED.has(tenant.toLowerCase())) return [fault('tenant_shared', found)];
  // A custom domain has other paths, as has metadata that the application serves.
  return /^[\w-]+(?:\.[\w-]+)+$/.test(tenant) ? [fault('tenant_by_name', found)] : [];
}

function issuerFault({ named, issuer }: AuthorityFacts): readonly Fault[] {
  if (issuer === named) return [];
  if (typeof issuer !== 'string') return [fault('issuer_missing', `issuer is ${foreignText(issuer)}`)];
  return [
    fault(
      withoutSlash(issuer) === withoutSlash(named) ? 'issuer_differs_by_slash' : 'issuer_differs',
      `issuer is ${foreignText(issuer)}, and it is named as ${foreignText(named)}`,
    ),
  ];
}

function pkceFault(methods: readonly string[] | undefined): readonly Fault[] {
  if (methods === undefined) {
    return [fault('pkce_not_advertised', 'its metadata has no code_challenge_methods_supported')];
  }
  return methods.includes('S256')
    ? []
    : [fault('pkce_refused', `code_challenge_methods_supported is ${foreignList(methods) || 'empty'}`)];
}

const withoutSlash = (text: string): string => text.replace(/\/$/, '');

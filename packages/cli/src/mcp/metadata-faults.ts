import { type Fault, fault } from './fault.js';
import { foreignList, foreignText } from './foreign-text.js';
import { mayAsk, type ResourceMetadata, type ServerFacts } from './server-facts.js';

/** Scopes of OpenID Connect, which belong to no API. */
const OF_THE_SIGN_IN: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access']);

/** What is wrong with the protected resource metadata, and with the scopes of the challenge. */
export function metadataFaults(facts: ServerFacts): readonly Fault[] {
  const { used, metadata, challenge } = facts;
  if (used === undefined) {
    const leadsNowhere = challenge?.resourceMetadata !== undefined;
    return leadsNowhere || metadata.length > 0
      ? []
      : [fault('no_metadata', 'protected resource metadata is at no place where clients look')];
  }
  return [
    ...placeFaults(facts),
    ...resourceFaults(facts, used),
    ...scopeFaults(facts, used),
    ...corsFaults(used),
  ];
}

function placeFaults({ metadata }: ServerFacts): readonly Fault[] {
  const texts = new Set(
    metadata.map(({ resource, authorizationServers, scopes }) =>
      JSON.stringify([resource, authorizationServers, scopes]),
    ),
  );
  return [
    ...(metadata.some(({ place }) => place === 'path')
      ? []
      : [fault('no_metadata_at_path', `it is only at ${foreignList(metadata.map(({ url }) => url))}`)]),
    ...(texts.size > 1
      ? [fault('copies_differ', `${foreignList([...new Set(metadata.map(({ url }) => url))])} differ`)]
      : []),
  ];
}

function resourceFaults({ text, url }: ServerFacts, { resource }: ResourceMetadata): readonly Fault[] {
  const found = `resource is ${foreignText(resource)}, and the URL is ${text}`;
  if (typeof resource !== 'string')
    return [fault('resource_missing', `resource is ${foreignText(resource)}`)];
  if (resource === text) return [];
  if (/^api:/i.test(resource)) return [fault('resource_is_api_uri', found)];
  if (withoutSlash(resource) === withoutSlash(text)) return [fault('resource_differs_by_slash', found)];
  return [fault(isParent(resource, url) ? 'resource_is_parent' : 'resource_is_other', found)];
}

function isParent(resource: string, { origin, pathname }: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const parent = new URL(resource);
  return parent.origin === origin && `${pathname}/`.startsWith(`${withoutSlash(parent.pathname)}/`);
}

function scopeFaults({ challenge, authority }: ServerFacts, { resource, scopes }: ResourceMetadata) {
  const asked = challenge?.scopes ?? [];
  const all = [...new Set([...asked, ...(scopes ?? [])])];
  const own = all.filter((scope) => !OF_THE_SIGN_IN.has(scope));
  const faults: Fault[] = [];
  if (own.length === 0)
    faults.push(fault('scopes_nowhere', 'neither the 401 nor the metadata names a scope'));
  else if (asked.length === 0) faults.push(fault('scope_not_in_challenge', 'the 401 names no scope'));
  if (all.includes('offline_access'))
    faults.push(fault('offline_access_asked', 'offline_access is among the scopes'));
  // Another authorization server may know short names.
  if (authority?.isEntra === false) return faults;
  const short = own.filter((scope) => !scope.includes('/'));
  const foreign = own.filter((scope) => scope.includes('/') && !isOf(resource, scope));
  if (short.length > 0) faults.push(fault('scopes_short', `short scopes: ${foreignList(short)}`));
  if (foreign.length > 0) {
    faults.push(fault('scopes_of_other_resource', `scopes of another resource: ${foreignList(foreign)}`));
  }
  return faults;
}

function isOf(resource: unknown, scope: string): boolean {
  return typeof resource !== 'string' || scope.slice(0, scope.lastIndexOf('/')) === resource;
}

function corsFaults({ allowedOrigin }: ResourceMetadata): readonly Fault[] {
  // A server may name the origin that asks, which was that of the Inspector.
  return allowedOrigin === null ? [fault('no_cors', 'pages of other origins may not read the metadata')] : [];
}

/** What is wrong with the authorization servers that the metadata names. */
export function authorizationServerFaults({ used, url }: ServerFacts): readonly Fault[] {
  if (used === undefined) return [];
  const [first] = used.authorizationServers;
  if (first === undefined) return [fault('no_authorization_server', 'authorization_servers names none')];
  return mayAsk(first, url) ? [] : [fault('authority_not_usable', `the first is ${foreignText(first)}`)];
}

const withoutSlash = (text: string): string => text.replace(/\/+$/, '');

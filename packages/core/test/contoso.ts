import { generateKeyPairSync, sign } from 'node:crypto';
import type { SingleTenantOptions } from '../src/index.js';

/** Tuesday, 22 September 2026, a moment after the tokens below were issued; milliseconds. */
export const NOW = 1_790_000_001_000;

export const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
export const OTHER_TENANT = 'bbbbcccc-1111-dddd-2222-eeee3333ffff';
export const API = '00001111-aaaa-2222-bbbb-3333cccc4444';
export const OTHER_API = '00009999-aaaa-2222-bbbb-3333cccc4444';
export const SPA = '11112222-bbbb-3333-cccc-4444dddd5555';
export const DAEMON = '22223333-cccc-4444-dddd-5555eeee6666';
export const ADA = 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb';

export type Claims = Readonly<Record<string, unknown>>;

const issuedAt = Math.floor(NOW / 1000) - 1;
const issuer = (tenant: string): string => `https://login.microsoftonline.com/${tenant}/v2.0`;

/** A delegated v2 token's claims: Ada, through a single-page app. */
export function userClaims(changes: Claims = {}): Claims {
  return {
    aud: API,
    iss: issuer(TENANT),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + 3900,
    tid: TENANT,
    oid: ADA,
    sub: 'FAKE-pairwise-sub-of-ada',
    azp: SPA,
    scp: 'Orders.Read',
    uti: 'FAKEuti0000000000004AA',
    ver: '2.0',
    ...changes,
  };
}

/** An app-only v2 token's claims: a nightly job by itself. */
export function daemonClaims(changes: Claims = {}): Claims {
  const { scp: _none, ...rest } = userClaims();
  const oid = 'cccccccc-2222-3333-4444-dddddddddddd';
  return { ...rest, oid, sub: oid, azp: DAEMON, idtyp: 'app', roles: ['Orders.Read.All'], ...changes };
}

/** The same for another tenant. */
export function ofTenant(tenant: string, claims: Claims): Claims {
  return { ...claims, tid: tenant, iss: issuer(tenant) };
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with Contoso's real signature. */
export function signed(claims: Claims, header: Claims = {}): string {
  const text = `${part({ typ: 'JWT', alg: 'RS256', kid: 'contoso-1', ...header })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

/** The same token with one bit of its signature turned. */
export function forged(claims: Claims): string {
  const [header, payload, signature = ''] = signed(claims).split('.');
  return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
}

/** Entra's metadata and keys for any tenant, from memory; nothing else is reachable. */
export const fetchFromMemory: typeof globalThis.fetch = async (input) => {
  const url = new URL(String(input));
  const [, tenant = '', ...path] = url.pathname.split('/');
  const alias = tenant === 'organizations' || tenant === 'common';
  const named = alias ? '{tenantid}' : tenant;
  if (url.hostname !== 'login.microsoftonline.com') return new Response('not here', { status: 404 });
  switch (path.join('/')) {
    case 'v2.0/.well-known/openid-configuration':
      return Response.json({
        issuer: issuer(named),
        jwks_uri: `${url.origin}/${tenant}/discovery/v2.0/keys`,
      });
    case 'discovery/v2.0/keys':
      return Response.json({
        keys: [
          {
            ...publicKey.export({ format: 'jwk' }),
            kid: 'contoso-1',
            use: 'sig',
            issuer: issuer('{tenantid}'),
          },
        ],
      });
    default:
      return new Response('not here', { status: 404 });
  }
};

/** One tenant, one API, silence, and a clock that stands still. */
export function contoso(changes: Partial<SingleTenantOptions> = {}): SingleTenantOptions {
  return { tenantId: TENANT, clientId: API, fetch: fetchFromMemory, now: () => NOW, log: false, ...changes };
}

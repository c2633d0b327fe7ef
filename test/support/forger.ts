import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';

/** A second after the sample tokens were issued, milliseconds since the epoch. */
export const NOW = 1_790_000_001_000;
/** The sample tokens' `iat`, seconds. */
export const ISSUED = 1_790_000_000;

export const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
export const OTHER_TENANT = 'bbbbcccc-1111-dddd-2222-eeee3333ffff';
export const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
export const API = '00001111-aaaa-2222-bbbb-3333cccc4444';
export const OTHER_API = '00009999-aaaa-2222-bbbb-3333cccc4444';
/** A single-page app, through which users call. */
export const SPA = '11112222-bbbb-3333-cccc-4444dddd5555';
export const DAEMON = '22223333-cccc-4444-dddd-5555eeee6666';

/** The user of all delegated tokens: her object ID. */
export const ADA = 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb';

export const LOGIN = 'https://login.microsoftonline.com';
export const WELL_KNOWN = '/.well-known/openid-configuration';
export const v1Issuer = (tenant: string): string => `https://sts.windows.net/${tenant}/`;
export const v2Issuer = (tenant: string): string => `${LOGIN}/${tenant}/v2.0`;

export type Json = Record<string, unknown>;

/** An RSA key with its public half as an authority publishes it. */
export interface TestKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey & { kid: string; use: string };
}

export function makeKey(kid: string = randomUUID(), bits = 2048): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
}

/** Made once: making a key takes longer than all that is tested with it. */
export const KEY = makeKey('published');
export const STRANGER = makeKey('stranger');

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs any header and payload, objects or raw JSON text, by any of the ways a forger might. */
export function signed(
  payload: unknown,
  header: unknown = {},
  {
    key = KEY,
    by = 'RS256',
  }: { readonly key?: TestKey; readonly by?: 'RS256' | 'PS256' | 'HS256' | 'none' } = {},
): string {
  const full =
    typeof header === 'string' ? header : { typ: 'JWT', alg: by, kid: key.kid, ...(header as Json) };
  const text = `${encode(full)}.${encode(payload)}`;
  if (by === 'none') return `${text}.`;
  if (by === 'HS256') {
    const pem = key.jwk.n ?? '';
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
  }
  const padding =
    by === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { padding: constants.RSA_PKCS1_PADDING };
  return `${text}.${sign('sha256', Buffer.from(text), { key: key.privateKey, ...padding }).toString('base64url')}`;
}

/** A token of these claims with one bit of its signature changed. */
export function forged(claims: Json): string {
  const [header, payload, signature = ''] = signed(claims).split('.');
  return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
}

/** A delegated v2 token's claims, as the samples have them. */
export function userClaims(changes: Json = {}): Json {
  return {
    aud: API,
    iss: v2Issuer(TENANT),
    iat: ISSUED,
    nbf: ISSUED,
    exp: ISSUED + 3900,
    tid: TENANT,
    uti: 'FAKEuti0000000000004AA',
    ver: '2.0',
    azp: SPA,
    azpacr: '0',
    oid: ADA,
    scp: 'Orders.Read',
    sub: 'FAKE-pairwise-sub',
    ...changes,
  };
}

/** An app-only v2 token's claims. */
export function appClaims(changes: Json = {}): Json {
  const oid = 'cccccccc-2222-3333-4444-dddddddddddd';
  const { scp: _, ...rest } = userClaims({ azp: DAEMON, oid, sub: oid, roles: ['Orders.Read.All'] });
  return { ...rest, ...changes };
}

/** A delegated v1 token's claims. */
export function v1Claims(changes: Json = {}): Json {
  const { azp, azpacr, ...rest } = userClaims();
  return {
    ...rest,
    aud: `api://${API}`,
    iss: v1Issuer(TENANT),
    ver: '1.0',
    appid: azp,
    appidacr: azpacr,
    ...changes,
  };
}

/** These claims, issued by another tenant. */
export function ofTenant(tenant: string, claims: Json): Json {
  return { ...claims, tid: tenant, iss: v2Issuer(tenant) };
}

/** A delegated v2 token that a tenant issued. */
export const tokenOf = (tenant: string, changes: Json = {}): string =>
  signed({ ...ofTenant(tenant, userClaims()), ...changes });

/** A delegated v1 token that a tenant issued. */
export const v1TokenOf = (tenant: string): string => signed(v1Claims({ iss: v1Issuer(tenant), tid: tenant }));

/** Documents by URL, and a fetch that serves them, counts what was asked, and knows no network. */
export interface Documents {
  readonly pages: Map<string, unknown>;
  readonly asked: string[];
  readonly fetch: typeof globalThis.fetch;
}

/** A page that answers in another way than with JSON and 200. */
export class Answer {
  constructor(readonly make: (signal: AbortSignal | undefined) => Response | Promise<Response>) {}
}

export function documents(pages: Readonly<Record<string, unknown>>): Documents {
  const map = new Map(Object.entries(pages));
  const asked: string[] = [];
  return {
    pages: map,
    asked,
    fetch: async (input, init) => {
      const url = String(input);
      asked.push(url);
      const page = map.get(url);
      if (page instanceof Answer) return page.make(init?.signal ?? undefined);
      if (page === undefined) return new Response('not found', { status: 404 });
      return Response.json(page);
    },
  };
}

/** One tenant's metadata and keys in the public cloud, v1 and v2, as Entra publishes them. */
export function tenantPages(tenant = TENANT, keys: readonly TestKey[] = [KEY]): Record<string, unknown> {
  return {
    [`${LOGIN}/${tenant}/v2.0${WELL_KNOWN}`]: {
      issuer: v2Issuer(tenant),
      jwks_uri: `${LOGIN}/${tenant}/discovery/v2.0/keys`,
      authorization_endpoint: `${LOGIN}/${tenant}/oauth2/v2.0/authorize`,
    },
    [`${LOGIN}/${tenant}${WELL_KNOWN}`]: {
      issuer: v1Issuer(tenant),
      jwks_uri: `${LOGIN}/common/discovery/keys`,
    },
    [`${LOGIN}/${tenant}/discovery/v2.0/keys`]: {
      keys: keys.map(({ jwk }) => ({ ...jwk, issuer: `${LOGIN}/{tenantid}/v2.0` })),
    },
    [`${LOGIN}/common/discovery/keys`]: { keys: keys.map(({ jwk }) => jwk) },
  };
}

/** The metadata and keys that all tenants share. */
export function sharedPages(
  keys: readonly TestKey[] = [KEY],
  consumerKeys: readonly TestKey[] = [],
): Record<string, unknown> {
  const named = [
    ...keys.map(({ jwk }) => ({ ...jwk, issuer: `${LOGIN}/{tenantid}/v2.0` })),
    ...consumerKeys.map(({ jwk }) => ({ ...jwk, issuer: v2Issuer(CONSUMERS) })),
  ];
  const v2 = (alias: string): unknown => ({
    issuer: `${LOGIN}/{tenantid}/v2.0`,
    jwks_uri: `${LOGIN}/${alias}/discovery/v2.0/keys`,
  });
  return {
    [`${LOGIN}/common/v2.0${WELL_KNOWN}`]: v2('common'),
    [`${LOGIN}/organizations/v2.0${WELL_KNOWN}`]: v2('organizations'),
    [`${LOGIN}/common/discovery/v2.0/keys`]: { keys: named },
    [`${LOGIN}/organizations/discovery/v2.0/keys`]: { keys: named },
    [`${LOGIN}/common${WELL_KNOWN}`]: {
      issuer: 'https://sts.windows.net/{tenantid}/',
      jwks_uri: `${LOGIN}/common/discovery/keys`,
    },
    [`${LOGIN}/common/discovery/keys`]: { keys: [...keys, ...consumerKeys].map(({ jwk }) => jwk) },
  };
}

/** Serves the documents of every tenant from memory. No other address is reachable. */
export const fetchFromMemory: typeof globalThis.fetch = async (input) => {
  const [, tenant = ''] = new URL(String(input)).pathname.split('/');
  return documents({ ...tenantPages(tenant), ...sharedPages() }).fetch(input);
};

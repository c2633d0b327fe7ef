import type { AuthorityFacts } from '../auth/authority-facts.js';
import { KeysUnavailableError } from '../errors.js';
import { CONSUMER_TENANT, isGuid } from '../guid.js';
import type { LogSink } from '../log.js';
import type { Settings } from '../settings.js';
import type { JsonObject } from '../token/json-object.js';
import { type Refusal, shown } from '../token/refusal.js';
import { cloudFacts, cloudOf, ownedBy } from './clouds.js';
import { type KeySet, parseKeySet, type SigningKey } from './key-set.js';
import {
  fillTemplate,
  type Metadata,
  type MetadataExpectation,
  parseMetadata,
  tenantInIssuer,
} from './metadata.js';
import type { DocumentState, RemoteDocument } from './remote-document.js';
import { type Lease, leaseDocument } from './shared-documents.js';

/** The claims that choose an authority, types checked. */
export interface IssuerClaims {
  readonly iss: string;
  readonly tid: string | undefined;
  /** B2C: the policy that the token names, lower case. */
  readonly policy: string | undefined;
}

/** Where a token's issuer and keys are described. */
interface Place {
  readonly url: string;
  readonly tenant: MetadataExpectation['tenant'];
}

/** What vouches for a token: its issuer's keys, and which of them may. */
export interface Trust {
  readonly issuer: string;
  /** Lower case. */
  readonly tenantId: string;
  readonly keys: RemoteDocument<KeySet>;
  /** Those of the keys that may have signed this token (design invariant 3). */
  readonly serving: (keys: readonly SigningKey[]) => Promise<readonly SigningKey[]>;
  readonly facts: AuthorityFacts;
}

type Version = 'v1' | 'v2';

function versionOf(iss: string): Version {
  return /\/v2\.0\/?$/.test(iss) ? 'v2' : 'v1';
}

const WELL_KNOWN = '/.well-known/openid-configuration';
/** Documents kept for tenants of a list; the least recently used leave first. */
const MAX_DOCUMENTS = 4096;

/** One configured authority: finds out which issuer and which keys belong to a token, from metadata alone. */
export class Authority {
  readonly settings: Settings;
  /** Whether callers may not learn which tenants are accepted. */
  readonly manyTenants: boolean;
  readonly #log: LogSink;
  readonly #leases = new Map<string, Lease<Metadata> | Lease<KeySet>>();
  /** A domain's tenant, and an authority's, is the one that it first resolved to. */
  #pinned: string | undefined;

  constructor(settings: Settings, log: LogSink) {
    this.settings = settings;
    this.#log = log;
    const { tenancy } = settings;
    this.manyTenants = tenancy.kind === 'any' || (tenancy.kind === 'list' && tenancy.tenants.size > 1);
  }

  /** The tenant for the answers' realm, where there is only one that could be meant. */
  get realm(): string {
    const { tenancy } = this.settings;
    if (tenancy.kind === 'single') return tenancy.tenant;
    return tenancy.kind === 'authority' ? (this.#pinned ?? '') : '';
  }

  get isB2c(): boolean {
    const { tenancy } = this.settings;
    return tenancy.kind === 'authority' && tenancy.b2c !== undefined;
  }

  /** Refuses what can't be from here, with what is known without any request. */
  checkPlausible({ iss, tid }: IssuerClaims): Refusal | undefined {
    const named = tenantInIssuer(iss);
    if (named === undefined) return this.#wrongIssuer(iss);
    if (tid !== undefined && tid.toLowerCase() !== named) return disagreement(iss, tid);
    const { tenancy } = this.settings;
    if (tid === undefined && tenancy.kind !== 'authority') return noTenant();
    if (!this.#acceptsTenant(named)) return this.#wrongTenant(iss, named);
    return undefined;
  }

  /**
   * The issuer and keys for a token, or why there are none.
   *
   * @throws KeysUnavailableError
   */
  async trust(claims: IssuerClaims): Promise<Trust | Refusal> {
    // checkPlausible found a tenant in the issuer.
    const tenantId = tenantInIssuer(claims.iss) ?? '';
    await this.#pin();
    if (!this.#acceptsTenant(tenantId)) return this.#wrongTenant(claims.iss, tenantId);
    const place = this.#place(versionOf(claims.iss), tenantId, claims.policy);
    const metadata = await this.#metadataIfAny(place);
    if (metadata === undefined) return this.#wrongIssuer(claims.iss);
    const issuer = fillTemplate(metadata.issuer, tenantId);
    if (issuer !== claims.iss) return this.#wrongIssuer(claims.iss, issuer);
    return {
      issuer,
      tenantId,
      keys: this.#keys(metadata.keysUrl),
      serving: (keys) => this.#serving(keys, claims, tenantId, place),
      facts: this.#facts(metadata, tenantId),
    };
  }

  /** Loads the documents that are known to be needed; for start-up. */
  async load(): Promise<void> {
    const places = this.#knownPlaces();
    await Promise.all(
      places.map(async (place) => {
        const metadata = await this.#metadata(place);
        await this.#keys(metadata.keysUrl).get();
      }),
    );
  }

  documents(): DocumentState[] {
    return [...this.#leases.values()].map(({ document }) => document.state());
  }

  /** The key sets that are there, and their key IDs. */
  keyIds(): string[] {
    const sets = [...this.#leases.values()].map(({ document }) => document.current);
    return [...new Set(sets.flatMap((value) => (value !== undefined && 'kids' in value ? value.kids : [])))];
  }

  close(): void {
    for (const { release } of this.#leases.values()) release();
    this.#leases.clear();
  }

  #acceptsTenant(tenantId: string): boolean {
    const { tenancy } = this.settings;
    switch (tenancy.kind) {
      case 'single':
        return isGuid(tenancy.tenant)
          ? tenancy.tenant === tenantId
          : this.#pinned === undefined || this.#pinned === tenantId;
      case 'list':
        return tenancy.tenants.has(tenantId);
      case 'any':
        // A function says itself about the consumer tenant, after the signature.
        return tenancy.accepts !== undefined || tenantId !== CONSUMER_TENANT;
      case 'authority':
        return this.#pinned === undefined || this.#pinned === tenantId;
    }
  }

  /** v1 and v2 tokens have metadata of their own (Entra: access tokens, "validate the issuer"). */
  #place(version: Version, tenantId: string, policy: string | undefined): Place {
    const { tenancy } = this.settings;
    switch (tenancy.kind) {
      case 'single':
        return this.#tenantPlace(tenancy.tenant, version);
      case 'list':
        return this.#tenantPlace(tenantId, version);
      case 'any':
        return this.#sharedPlace(version);
      case 'authority': {
        const { b2c, metadataUrl } = tenancy;
        const url = b2c
          ? withPolicy(metadataUrl, b2c.inUrl, b2c.accepted.get(policy ?? ''))
          : sibling(metadataUrl, version);
        return { url: this.#complete(url), tenant: 'any' };
      }
    }
  }

  #tenantPlace(tenant: string, version: Version): Place {
    const path = version === 'v2' ? '/v2.0' : '';
    return {
      url: this.#complete(
        `https://${cloudFacts(this.settings.cloud).loginHost}/${tenant}${path}${WELL_KNOWN}`,
      ),
      tenant: isGuid(tenant) ? { id: tenant } : 'any',
    };
  }

  #sharedPlace(version: Version): Place {
    const { tenancy, cloud } = this.settings;
    const functional = tenancy.kind === 'any' && tenancy.accepts !== undefined;
    // Only "common" has the consumers' keys; v1 knows no "organizations" of its own.
    const alias = functional || version === 'v1' ? 'common' : 'organizations';
    const path = version === 'v2' ? '/v2.0' : '';
    return {
      url: this.#complete(`https://${cloudFacts(cloud).loginHost}/${alias}${path}${WELL_KNOWN}`),
      tenant: 'template',
    };
  }

  #knownPlaces(): Place[] {
    const { tenancy } = this.settings;
    switch (tenancy.kind) {
      case 'single':
        return [this.#tenantPlace(tenancy.tenant, 'v2')];
      case 'list':
        // Thousands of tenants are loaded as their callers come.
        return [...tenancy.tenants].slice(0, 10).map((tenant) => this.#tenantPlace(tenant, 'v2'));
      case 'any':
        return [this.#sharedPlace('v2')];
      case 'authority': {
        const { b2c, metadataUrl } = tenancy;
        const urls = b2c
          ? [...b2c.accepted.values()].map((policy) => withPolicy(metadataUrl, b2c.inUrl, policy))
          : [metadataUrl];
        return urls.map((url) => ({ url: this.#complete(url), tenant: 'any' }));
      }
    }
  }

  /** Apps with signing keys of their own publish them under their ID (Entra: custom signing keys). */
  #complete(url: string): string {
    if (!this.settings.customSigningKeys) return url;
    const complete = new URL(url);
    complete.searchParams.set('appid', this.settings.audiences.clientId);
    return complete.href;
  }

  /** A domain's or an authority's tenant has to be known before anything else is asked for. */
  async #pin(): Promise<void> {
    const { tenancy } = this.settings;
    if (this.#pinned !== undefined) return;
    if (tenancy.kind === 'single' && !isGuid(tenancy.tenant))
      await this.#metadata(this.#tenantPlace(tenancy.tenant, 'v2'));
    if (tenancy.kind === 'authority' && !tenancy.b2c) {
      await this.#metadata({ url: this.#complete(tenancy.metadataUrl), tenant: 'any' });
    }
  }

  /** Metadata, or `undefined` where the authority says that it has none: External ID issues no v1 tokens. */
  async #metadataIfAny(place: Place): Promise<Metadata | undefined> {
    const { tenancy } = this.settings;
    const configured =
      tenancy.kind !== 'authority' || place.url === this.#complete(tenancy.metadataUrl) || tenancy.b2c;
    try {
      return await this.#metadata(place);
    } catch (error) {
      if (!configured && this.#document(place).state().lastStatus === 404) return undefined;
      throw error;
    }
  }

  #document(place: Place): RemoteDocument<Metadata> {
    const expectation: MetadataExpectation = { ...place, cloud: this.settings.cloud };
    const purpose = JSON.stringify(['metadata', expectation.cloud, expectation.tenant]);
    return this.#lease(place.url, purpose, (json) => parseMetadata(json, expectation));
  }

  async #metadata(place: Place): Promise<Metadata> {
    const metadata = await this.#document(place).get();
    if (place.tenant === 'any') {
      this.#pinned ??= metadata.tenantId;
      if (metadata.tenantId !== this.#pinned) {
        throw new KeysUnavailableError({
          message: `${place.url} names tenant ${metadata.tenantId}, and the authority named ${this.#pinned} before.`,
          hint: 'A domain or authority that changes hands is not followed. Configure the tenant by its GUID, then restart.',
          retryAfter: 60,
        });
      }
    }
    return metadata;
  }

  #keys(url: string): RemoteDocument<KeySet> {
    return this.#lease(url, 'keys', (json) => {
      const keys = parseKeySet(json);
      if (keys.skipped.length > 0) {
        this.#log({
          level: 'warn',
          event: 'keys',
          message: `${url} holds keys that can't be used: ${keys.skipped.join('; ')}.`,
        });
      }
      return keys;
    });
  }

  #lease<T extends Metadata | KeySet>(
    url: string,
    purpose: string,
    parse: (json: JsonObject) => T,
  ): RemoteDocument<T> {
    const key = `${purpose} ${url}`;
    // The key holds the purpose, so what is found under it was leased with the same parse.
    let lease = this.#leases.get(key) as Lease<T> | undefined;
    if (lease === undefined) {
      const { fetch, now, limits } = this.settings;
      lease = leaseDocument(url, purpose, parse, { fetch, now, limits, log: this.#log });
      const [oldest] = this.#leases;
      if (this.#leases.size >= MAX_DOCUMENTS && oldest) {
        oldest[1].release();
        this.#leases.delete(oldest[0]);
      }
    } else {
      this.#leases.delete(key);
    }
    this.#leases.set(key, lease as Lease<Metadata> | Lease<KeySet>);
    return lease.document;
  }

  /** Which keys may have signed for this issuer (design invariant 3; Entra: signing key issuer). */
  async #serving(
    keys: readonly SigningKey[],
    claims: IssuerClaims,
    tenantId: string,
    place: Place,
  ): Promise<readonly SigningKey[]> {
    const serving: SigningKey[] = [];
    for (const key of keys) {
      if (key.issuer === undefined) {
        if (place.tenant !== 'template' || (await this.#vouchedFor(key, tenantId))) serving.push(key);
      } else {
        const issuer = fillTemplate(key.issuer, tenantId);
        if (issuer === claims.iss || issuer === (await this.#v2Issuer(claims, tenantId))) serving.push(key);
      }
    }
    return serving;
  }

  /** v1 tokens are signed with keys that name the v2 issuer: the one that the tenant's v2 metadata states. */
  async #v2Issuer(claims: IssuerClaims, tenantId: string): Promise<string | undefined> {
    if (this.isB2c || versionOf(claims.iss) === 'v2') return undefined;
    const metadata = await this.#metadata(this.#place('v2', tenantId, claims.policy));
    return fillTemplate(metadata.issuer, tenantId);
  }

  /** A key of the shared v1 set names no issuer: the shared v2 set must hold the same key for this tenant. */
  async #vouchedFor(key: SigningKey, tenantId: string): Promise<boolean> {
    const metadata = await this.#metadata(this.#sharedPlace('v2'));
    const keys = await this.#keys(metadata.keysUrl).get();
    const issuer = fillTemplate(metadata.issuer, tenantId);
    return keys
      .find(key.kid)
      .some(
        (known) =>
          known.thumbprint === key.thumbprint &&
          known.issuer !== undefined &&
          fillTemplate(known.issuer, tenantId) === issuer,
      );
  }

  #facts(metadata: Metadata, tenantId: string): AuthorityFacts {
    const { audiences, tenancy, cloud } = this.settings;
    const { applicationIdUri } = audiences;
    if (tenancy.kind !== 'authority') {
      // Entra: claims challenge. An empty realm goes with the common endpoint.
      const authorizationUri = `https://${cloudFacts(cloud).loginHost}/common/oauth2/authorize`;
      return { applicationIdUri, authorizationUri, realm: '' };
    }
    return {
      applicationIdUri,
      authorizationUri: metadata.authorizationUrl ?? metadata.issuer,
      realm: tenantId,
    };
  }

  #wrongIssuer(iss: string, expected?: string): Refusal {
    const { tenancy, cloud } = this.settings;
    return {
      code: 'issuer_not_accepted',
      subject: 'issuer (iss)',
      found: shown(iss),
      expected: expected ? `"${expected}"` : this.#expectedIssuers(),
      hint: issuerHint(iss, cloud, tenancy.kind === 'authority' ? tenancy.metadataUrl : undefined),
    };
  }

  #wrongTenant(iss: string, tenantId: string): Refusal {
    const host = new URL(iss).hostname;
    const { tenancy, cloud } = this.settings;
    // Workforce tenants share the login hosts; B2C and External ID have hosts of their own, and are another kind.
    const kin =
      tenancy.kind === 'authority'
        ? new URL(tenancy.metadataUrl).hostname === host || ownedBy(cloud, host)
        : cloudFacts(cloud).hosts.includes(host);
    if (!kin) return this.#wrongIssuer(iss);
    const consumer =
      tenantId === CONSUMER_TENANT
        ? ' This one is the tenant of personal Microsoft accounts: it is accepted only when named in tenants.'
        : '';
    return {
      code: 'tenant_not_accepted',
      subject: 'tenant (tid)',
      found: shown(tenantId),
      expected: this.#expectedTenants(),
      hint: `The caller signed in to another tenant. If it should be accepted, add it to tenants; else the client has to use the authority of the right tenant, not /common or /organizations.${consumer}`,
    };
  }

  #expectedTenants(): string {
    const { tenancy } = this.settings;
    switch (tenancy.kind) {
      case 'single':
        return `"${this.#pinned ?? tenancy.tenant}"`;
      case 'list':
        return tenancy.tenants.size <= 5
          ? [...tenancy.tenants].map((tenant) => `"${tenant}"`).join(' or ')
          : `one of ${tenancy.tenants.size} tenants`;
      case 'any':
        return tenancy.accepts
          ? 'a tenant that the tenants function accepts'
          : 'the tenant of an organisation';
      case 'authority':
        return this.#pinned === undefined ? `the tenant of ${tenancy.metadataUrl}` : `"${this.#pinned}"`;
    }
  }

  #expectedIssuers(): string {
    const { tenancy, cloud } = this.settings;
    return tenancy.kind === 'authority'
      ? `the issuer of ${tenancy.metadataUrl}`
      : `an issuer of Entra's ${cloud} cloud for ${this.#expectedTenants()}`;
  }
}

function disagreement(iss: string, tid: string): Refusal {
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: shown(tid),
    expected: `the tenant that the issuer names (${shown(iss)})`,
    hint: 'Issuer and tenant of the token contradict each other. Entra issues no such tokens: somebody made this one.',
  };
}

function noTenant(): Refusal {
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: 'nothing',
    expected: 'the GUID of the tenant',
    hint: 'Entra names the tenant in every access token; B2C does not: for a B2C tenant set authority.',
  };
}

function issuerHint(iss: string, cloud: Settings['cloud'], metadataUrl: string | undefined): string {
  const host = URL.canParse(iss) ? new URL(iss).hostname : '';
  const other = cloudOf(host);
  if (host.endsWith('.ciamlogin.com') && !metadataUrl?.includes('.ciamlogin.')) {
    return 'The token comes from an External ID tenant. Set authority to https://{name}.ciamlogin.com/{tenant ID}/v2.0 instead of tenantId.';
  }
  if (/\.b2clogin\.(com|us|cn)$/.test(host) && !metadataUrl?.includes('.b2clogin.')) {
    return 'The token comes from an Azure AD B2C tenant. Set authority to https://{name}.b2clogin.com/{name}.onmicrosoft.com/{policy}/v2.0 instead of tenantId.';
  }
  if (other !== undefined && other !== cloud) {
    return `The token comes from Entra's ${other} cloud, and the API is set up for ${cloud}. Set the cloud option, or give the client the right authority.`;
  }
  if (host.startsWith('sts.')) {
    return "This is a v1 token, and the authority has other v1 issuers or none. Set api.requestedAccessTokenVersion to 2 in the manifest of the API's app registration, or compare the tenants.";
  }
  if (other === undefined)
    return 'The token does not come from Entra. See which identity provider the client uses.';
  return 'The token comes from Entra, but not from the configured authority. Compare tenant, policy and authority of client and API.';
}

/** The metadata of the other version stands beside: with or without `/v2.0`. */
function sibling(metadataUrl: string, version: 'v1' | 'v2'): string {
  const url = new URL(metadataUrl);
  const base = url.pathname.slice(0, -WELL_KNOWN.length);
  const isV2 = base.endsWith('/v2.0');
  if (isV2 === (version === 'v2')) return metadataUrl;
  url.pathname = `${isV2 ? base.slice(0, -'/v2.0'.length) : `${base}/v2.0`}${WELL_KNOWN}`;
  return url.href;
}

/** Each B2C policy has metadata of its own: the accepted policy's name in the place of the configured one. */
function withPolicy(metadataUrl: string, configured: string, policy: string | undefined): string {
  if (policy === undefined || policy.toLowerCase() === configured.toLowerCase()) return metadataUrl;
  const url = new URL(metadataUrl);
  if (url.searchParams.has('p')) url.searchParams.set('p', policy);
  url.pathname = url.pathname
    .split('/')
    .map((segment) => (segment.toLowerCase() === configured.toLowerCase() ? policy : segment))
    .join('/');
  return url.href;
}

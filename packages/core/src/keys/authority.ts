import { ConfigurationError, KeysUnavailableError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import type { LogSink } from '../base/log.js';
import type { Refusal } from '../base/refusal.js';
import type { AuthorityFacts } from '../caller/authority-facts.js';
import { cloudFacts } from '../options/clouds.js';
import { sharesPolicy } from '../options/overlap.js';
import type { Settings } from '../options/settings.js';
import { isB2c } from '../options/tenancy.js';
import { acceptsTenant, type IssuerClaims, refuseIssuer } from './accepted-issuers.js';
import { allSettled } from './all-settled.js';
import { AuthorityDocuments } from './authority-documents.js';
import type { AuthorizationServer } from './authorization-server.js';
import { Grounds } from './documents/grounds.js';
import type { RemoteDocument } from './documents/remote-document.js';
import { type Acceptance, isKin, wrongIssuer, wrongTenant } from './issuer-refusals.js';
import { fillTemplate, tenantInIssuer, versionOf } from './issuer-text.js';
import type { KeySet, SigningKey } from './key-set.js';
import type { Metadata } from './metadata.js';
import { knownPlaces, type Place, pinningPlace, placeFor, sharedPlace } from './places.js';

/** What vouches for a token: its issuer's keys, and which of them may. */
export interface Trust {
  readonly issuer: string;
  /** Lower case. */
  readonly tenantId: string;
  readonly keys: RemoteDocument<KeySet>;
  /** What the keys were when they were asked for here. */
  readonly keySet: () => Promise<KeySet>;
  /** Those of the keys that may have signed this token (SECURITY.md 3). */
  readonly serving: (keys: readonly SigningKey[]) => Promise<readonly SigningKey[]>;
  readonly facts: AuthorityFacts;
  /** To be called once the token's signature held. */
  readonly prove: () => void;
  /** What all of this was drawn from. */
  readonly grounds: Grounds;
}

/** One configured authority: finds out which issuer and which keys belong to a token, from metadata alone. */
export class Authority implements Acceptance {
  readonly settings: Settings;
  /** Metadata and key sets that have been asked for. */
  readonly documents: AuthorityDocuments;
  /** Whether callers may not learn which tenants are accepted. */
  readonly manyTenants: boolean;
  /** A domain's tenant, and an authority's, is the one that it first resolved to. */
  #pinned: string | undefined;
  /** Issuers that its metadata have named, of tenants: no templates. */
  readonly #issuers = new Map<string, IssuerClaims>();

  constructor(settings: Settings, log: LogSink) {
    this.settings = settings;
    this.documents = new AuthorityDocuments(settings, log);
    const { tenancy } = settings;
    this.manyTenants = tenancy.kind === 'any' || (tenancy.kind === 'list' && tenancy.tenants.size > 1);
  }

  /** Whether which tenants are accepted is a list, and so could be found out. */
  get listsTenants(): boolean {
    const { tenancy } = this.settings;
    return tenancy.kind === 'list' && tenancy.tenants.size > 1;
  }

  /** The tenant for the answers' realm, where there is only one that could be meant. */
  get realm(): string {
    const { tenancy } = this.settings;
    if (tenancy.kind === 'single') return tenancy.tenant;
    return tenancy.kind === 'authority' ? (this.#pinned ?? '') : '';
  }

  /** The tenant that a domain or an authority turned out to be; `undefined` before its metadata was read. */
  get pinned(): string | undefined {
    return this.#pinned;
  }

  /** Whether such an issuer is of this authority's kind, and does not contradict itself: only its tenant may be another. */
  couldIssue({ iss, tid }: IssuerClaims): boolean {
    const named = tenantInIssuer(iss);
    if (named === undefined || !isKin(this.settings, iss)) return false;
    return tid === undefined ? this.settings.tenancy.kind === 'authority' : tid.toLowerCase() === named;
  }

  /**
   * The issuer and keys for a token, or why there are none.
   *
   * @throws KeysUnavailableError
   */
  async trust(claims: IssuerClaims): Promise<Trust | Refusal> {
    // The check of the issuer found a tenant in it.
    const tenantId = tenantInIssuer(claims.iss) as string;
    await this.#pin();
    if (!acceptsTenant(this, tenantId)) return wrongTenant(this, claims.iss, tenantId);
    const grounds = new Grounds();
    const place = placeFor(this.settings, versionOf(claims.iss), tenantId, claims.policy);
    const metadata = await this.#metadataIfAny(place, grounds);
    if (metadata === undefined) return wrongIssuer(this, claims.iss);
    const issuer = fillTemplate(metadata.issuer, tenantId);
    if (issuer !== claims.iss) return wrongIssuer(this, claims.iss, issuer);
    const keys = this.documents.keys(metadata.keysUrl);
    return {
      issuer,
      tenantId,
      keys,
      keySet: () => this.#read(keys, grounds),
      serving: (named) => this.#serving(named, claims, tenantId, place, grounds),
      facts: this.#facts(metadata, tenantId),
      prove: () => this.documents.prove(grounds.documents),
      grounds,
    };
  }

  /** Loads the documents that are known to be needed; for start-up. */
  async load(): Promise<void> {
    await allSettled(
      knownPlaces(this.settings).map(async (place) => {
        const metadata = await this.#metadata(place, new Grounds());
        await this.documents.keys(metadata.keysUrl).get();
      }),
    );
  }

  /** Where clients get tokens for the API. With many tenants: the address that serves all of them. */
  async authorizationServer(): Promise<AuthorizationServer> {
    const [known] = knownPlaces(this.settings);
    const place = this.manyTenants ? sharedPlace(this.settings, 'v2') : (known as Place);
    const { issuer, authorizationUrl, tokenUrl } = await this.#metadata(place, new Grounds());
    if (authorizationUrl === undefined || tokenUrl === undefined) {
      throw new ConfigurationError(
        `${place.url} names no ${authorizationUrl === undefined ? 'authorization' : 'token'} endpoint.`,
        `Describe the security schemes yourself: where do clients get tokens of ${issuer}?`,
      );
    }
    const { applicationIdUri } = this.settings.audiences;
    return { authorizationUrl, tokenUrl, applicationIdUri };
  }

  /** An issuer that the metadata read so far say is this authority's and the other's, for tokens of one policy. */
  issuerInCommonWith(other: Authority): string | undefined {
    const { tenancy } = other.settings;
    const isTold = tenancy.kind === 'authority' || (tenancy.kind === 'single' && !isGuid(tenancy.tenant));
    for (const [issuer, claims] of this.#issuers) {
      const isBoth = isTold
        ? other.#issuers.has(issuer) && sharesPolicy(this.settings, other.settings)
        : isKin(other.settings, issuer) && refuseIssuer(other, claims) === undefined;
      if (isBoth) return issuer;
    }
    return undefined;
  }

  close(): void {
    this.documents.close();
  }

  /** A domain's or an authority's tenant has to be known before anything else is asked for. */
  async #pin(): Promise<void> {
    if (this.#pinned !== undefined) return;
    const place = pinningPlace(this.settings);
    if (place !== undefined) await this.#metadata(place, new Grounds());
  }

  /** Metadata, or `undefined` where the authority says that it has none: External ID issues no v1 tokens. */
  async #metadataIfAny(place: Place, grounds: Grounds): Promise<Metadata | undefined> {
    const configured = pinningPlace(this.settings);
    try {
      return await this.#metadata(place, grounds);
    } catch (error) {
      const guessed =
        this.settings.tenancy.kind === 'authority' &&
        configured !== undefined &&
        configured.url !== place.url;
      if (guessed && this.documents.metadata(place).state().lastStatus === 404) return undefined;
      throw error;
    }
  }

  async #read<T extends Metadata | KeySet>(document: RemoteDocument<T>, grounds: Grounds): Promise<T> {
    const value = await document.get();
    grounds.note(document, value, this.documents.holding(document));
    return value;
  }

  async #metadata(place: Place, grounds: Grounds): Promise<Metadata> {
    const metadata = await this.#read(this.documents.metadata(place), grounds);
    const { issuer, tenantId: tid } = metadata;
    if (place.tenant === 'any') this.#issuers.set(issuer, { iss: issuer, tid, policy: undefined });
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

  /** Which keys may have signed for this issuer (SECURITY.md 3; Entra: signing key issuer). */
  async #serving(
    keys: readonly SigningKey[],
    claims: IssuerClaims,
    tenantId: string,
    place: Place,
    grounds: Grounds,
  ): Promise<readonly SigningKey[]> {
    const serving: SigningKey[] = [];
    for (const key of keys) {
      if (key.issuer === undefined) {
        if (place.tenant !== 'template' || (await this.#vouchedFor(key, tenantId, grounds)))
          serving.push(key);
      } else {
        const issuer = fillTemplate(key.issuer, tenantId);
        if (issuer === claims.iss || issuer === (await this.#v2Issuer(claims, tenantId, grounds)))
          serving.push(key);
      }
    }
    return serving;
  }

  /** v1 tokens are signed with keys that name the v2 issuer: the one that the tenant's v2 metadata states. */
  async #v2Issuer(claims: IssuerClaims, tenantId: string, grounds: Grounds): Promise<string | undefined> {
    if (isB2c(this.settings) || versionOf(claims.iss) === 'v2') return undefined;
    const place = placeFor(this.settings, 'v2', tenantId, claims.policy);
    // Paid for with the v1 documents: a tenant whose keys were read is not half read.
    this.documents.metadata(place).proven({ usedAt: undefined });
    const metadata = await this.#metadata(place, grounds);
    return fillTemplate(metadata.issuer, tenantId);
  }

  /** A key of the shared v1 set names no issuer: the shared v2 set must hold the same key for this tenant. */
  async #vouchedFor(key: SigningKey, tenantId: string, grounds: Grounds): Promise<boolean> {
    const metadata = await this.#metadata(sharedPlace(this.settings, 'v2'), grounds);
    const keys = await this.#read(this.documents.keys(metadata.keysUrl), grounds);
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
}

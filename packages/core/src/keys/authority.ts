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

/** The keys of a token's issuer, and which of them may have signed the token. */
export interface Trust {
  readonly issuer: string;
  /** Lower case. */
  readonly tenantId: string;
  readonly keys: RemoteDocument<KeySet>;
  /** Reads the key set, from the loaded copy if possible. */
  readonly keySet: () => Promise<KeySet>;
  /** Selects the keys that may have signed this token (SECURITY.md 3). */
  readonly serving: (keys: readonly SigningKey[]) => Promise<readonly SigningKey[]>;
  readonly facts: AuthorityFacts;
  /** To be called after the token's signature was verified. */
  readonly prove: () => void;
  /** The documents from which all of this was read. */
  readonly grounds: Grounds;
}

/** One configured authority: finds out which issuer and which keys belong to a token, from metadata alone. */
export class Authority implements Acceptance {
  readonly settings: Settings;
  /** Metadata and key sets that have been asked for. */
  readonly documents: AuthorityDocuments;
  /** Whether several tenants may be accepted, so that callers must not learn which. */
  readonly manyTenants: boolean;
  /** The tenant to which a domain or an authority first resolved. It never changes. */
  #pinned: string | undefined;
  /** The issuers of single tenants that the metadata named; no templates. */
  readonly #issuers = new Map<string, IssuerClaims>();

  constructor(settings: Settings, log: LogSink) {
    this.settings = settings;
    this.documents = new AuthorityDocuments(settings, log);
    const { tenancy } = settings;
    this.manyTenants = tenancy.kind === 'any' || (tenancy.kind === 'list' && tenancy.tenants.size > 1);
  }

  /** Whether the accepted tenants are a list of several, which probing could reveal. */
  get listsTenants(): boolean {
    const { tenancy } = this.settings;
    return tenancy.kind === 'list' && tenancy.tenants.size > 1;
  }

  /** The tenant for the realm of answers; `''` if it is not a single known one. */
  get realm(): string {
    const { tenancy } = this.settings;
    if (tenancy.kind === 'single') return tenancy.tenant;
    return tenancy.kind === 'authority' ? (this.#pinned ?? '') : '';
  }

  /** The tenant to which a domain or an authority resolved; `undefined` before its metadata was read. */
  get pinned(): string | undefined {
    return this.#pinned;
  }

  /**
   * Tells whether an issuer is of this authority's kind and agrees with `tid`. Its tenant may be one that is not
   * accepted.
   */
  couldIssue({ iss, tid }: IssuerClaims): boolean {
    const named = tenantInIssuer(iss);
    if (named === undefined || !isKin(this.settings, iss)) return false;
    return tid === undefined ? this.settings.tenancy.kind === 'authority' : tid.toLowerCase() === named;
  }

  /**
   * Finds the issuer and keys for a token, or the reason to refuse it.
   *
   * @throws KeysUnavailableError
   */
  async trust(claims: IssuerClaims): Promise<Trust | Refusal> {
    // The check `issuer` found a tenant in it.
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

  /** Loads the documents that are known to be needed. For start-up. */
  async load(): Promise<void> {
    await allSettled(
      knownPlaces(this.settings).map(async (place) => {
        const metadata = await this.#metadata(place, new Grounds());
        await this.documents.keys(metadata.keysUrl).get();
      }),
    );
  }

  /** Returns where clients get tokens for the API. With many tenants: the endpoints that serve all of them. */
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

  /**
   * Returns where this API gets tokens of a tenant for other APIs.
   *
   * @param tenantId one that is accepted, in lower case; any text where the authority has a single tenant
   * @throws UnavailableError while the metadata is unavailable, ConfigurationError if it names no token endpoint (as rejections)
   */
  async tokenUrl(tenantId: string): Promise<string> {
    await this.#pin();
    const place = placeFor(this.settings, 'v2', tenantId, undefined);
    const { issuer, tokenUrl } = await this.#metadata(place, new Grounds());
    if (tokenUrl === undefined) {
      throw new ConfigurationError(
        `${place.url} names no token endpoint.`,
        `No token for another API can be got from ${issuer}.`,
      );
    }
    return place.tenant === 'template' ? inTenant(tokenUrl, tenantId) : tokenUrl;
  }

  /** Returns an issuer of both authorities, according to the metadata read so far, with a policy that both accept. */
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

  /** Resolves the tenant of a domain or an authority, which has to be known before anything else is read. */
  async #pin(): Promise<void> {
    if (this.#pinned !== undefined) return;
    const place = pinningPlace(this.settings);
    if (place !== undefined) await this.#metadata(place, new Grounds());
  }

  /** Reads metadata. Returns `undefined` if the authority answers that it has none: External ID issues no v1 tokens. */
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

  /** Selects the keys that may have signed for this issuer (SECURITY.md 3; Entra: signing key issuer). */
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

  /** Returns the v2 issuer of a v1 token's tenant, from its v2 metadata: keys for v1 tokens name the v2 issuer. */
  async #v2Issuer(claims: IssuerClaims, tenantId: string, grounds: Grounds): Promise<string | undefined> {
    if (isB2c(this.settings) || versionOf(claims.iss) === 'v2') return undefined;
    const place = placeFor(this.settings, 'v2', tenantId, claims.policy);
    // The v1 documents have used the budget, so the v2 metadata is read without using it again.
    this.documents.metadata(place).proven({ usedAt: undefined });
    const metadata = await this.#metadata(place, grounds);
    return fillTemplate(metadata.issuer, tenantId);
  }

  /**
   * Tells whether a key of the shared v1 set, which names no issuer, may sign for this tenant: the shared v2 set must
   * hold the same key.
   */
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
      // Entra: claims challenge. The common endpoint requires an empty realm.
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

/** Returns the endpoint of one tenant, from that which serves all of them: `organizations` in the path becomes its ID. */
function inTenant(url: string, tenantId: string): string {
  const whole = new URL(url);
  whole.pathname = whole.pathname.replace(/^\/[^/]+/, `/${tenantId}`);
  return whole.href;
}

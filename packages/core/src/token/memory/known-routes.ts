import type { JsonObject } from '../../base/json-object.js';
import type { IssuerClaims } from '../../keys/accepted-issuers.js';
import type { Trust } from '../../keys/authority.js';
import type { SigningKey } from '../../keys/key-set.js';

/** Keys that are trusted for an issuer, key ID and algorithm, with the documents that say so. */
export interface TrustedKeys {
  readonly trust: Trust;
  readonly serving: readonly SigningKey[];
}

/** What tokens of one authority, key, issuer, tenant and policy have in common. */
interface Route<Owner> extends IssuerClaims {
  readonly header: JsonObject;
  /** The authority. */
  readonly owner: Owner;
  readonly trusted: TrustedKeys;
}

interface KnownHeader<Owner> {
  readonly text: string;
  readonly header: JsonObject;
  readonly byIssuer: Map<string, Route<Owner>[]>;
}

/** Most headers: one per key of Entra and way to write it. */
const MAX_HEADERS = 1000;
/** Most routes: one per key and tenant in use. Beyond that, routes are found anew. */
const MAX_ROUTES = 4096;

/**
 * Caches the headers of verified tokens and the keys that were trusted for them, for the next token of the same key and
 * tenant. Only verified tokens add entries, so made-up headers and tenants can't displace real ones. A header holds no
 * secret.
 */
export class KnownRoutes<Owner> {
  readonly #headers = new Map<string, KnownHeader<Owner>>();
  #routes = 0;
  /** The header and route used last: mostly one key signs for weeks, and mostly the next token is of the same tenant. */
  #latestHeader: KnownHeader<Owner> | undefined;
  #latest: Route<Owner> | undefined;

  /**
   * Returns the known header that a token begins with, one object for all such tokens; `undefined` if it is not known.
   *
   * @param end where the token's first part ends
   */
  readonly headerOf = (token: string, end: number): JsonObject | undefined => {
    const latest = this.#latestHeader;
    if (latest !== undefined && latest.text.length === end && token.startsWith(latest.text)) {
      return latest.header;
    }
    const known = this.#headers.get(token.slice(0, end));
    if (known !== undefined) this.#latestHeader = known;
    return known?.header;
  };

  /**
   * Returns the keys that were trusted for an earlier token of this authority with this header, issuer, tenant and
   * policy. `trust.grounds` tells whether they still are.
   *
   * @param header the object that {@link headerOf} returned
   */
  find(header: JsonObject, whose: IssuerClaims, owner: Owner): TrustedKeys | undefined {
    const latest = this.#latest;
    if (latest !== undefined && latest.header === header && isOf(latest, whose, owner)) return latest.trusted;
    const known = this.#latestHeader;
    if (known === undefined || known.header !== header) return undefined;
    const route = known.byIssuer.get(whose.iss)?.find((one) => isOf(one, whose, owner));
    if (route !== undefined) this.#latest = route;
    return route?.trusted;
  }

  /** @param text the header as it was sent; `header` is its parsed content, checked and never changed */
  keep(text: string, header: JsonObject, whose: IssuerClaims, owner: Owner, trusted: TrustedKeys): void {
    const known = this.#headers.get(text) ?? this.#addHeader(text, header);
    const ofIssuer = known.byIssuer.get(whose.iss) ?? [];
    const others = ofIssuer.filter((one) => !isOf(one, whose, owner));
    const route = { ...whose, header: known.header, owner, trusted };
    known.byIssuer.set(whose.iss, [...others, route]);
    this.#latest = route;
    if (others.length === ofIssuer.length && ++this.#routes > MAX_ROUTES) this.clear();
  }

  clear(): void {
    this.#headers.clear();
    this.#routes = 0;
    this.#latestHeader = undefined;
    this.#latest = undefined;
  }

  #addHeader(text: string, header: JsonObject): KnownHeader<Owner> {
    if (this.#headers.size >= MAX_HEADERS) this.clear();
    // A copy, because a substring in V8 keeps the whole token alive.
    const known = { text: Buffer.from(text, 'latin1').toString('latin1'), header, byIssuer: new Map() };
    this.#headers.set(known.text, known);
    return known;
  }
}

/** Compares each claim separately: a text joined from them could be ambiguous. */
function isOf<Owner>(route: Route<Owner>, { iss, tid, policy }: IssuerClaims, owner: Owner): boolean {
  return route.owner === owner && route.iss === iss && route.tid === tid && route.policy === policy;
}

import type { JsonObject } from '../../base/json-object.js';
import type { IssuerClaims } from '../../keys/accepted-issuers.js';
import type { Trust } from '../../keys/authority.js';
import type { SigningKey } from '../../keys/key-set.js';

/** Keys trusted for an issuer, key ID and algorithm, with the metadata that established it. */
export interface TrustedKeys {
  readonly trust: Trust;
  readonly serving: readonly SigningKey[];
}

/** What tokens have in common that one authority's key signed for one issuer, tenant and policy. */
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

/** Keys that Entra signs with, and a few ways to write their headers. */
const MAX_HEADERS = 1000;
/** One for each key and tenant in use; more than that, and they are found out anew. */
const MAX_ROUTES = 4096;

/**
 * Remembers how verified tokens began and which keys were trusted for them, so that for the next token of the same key and
 * tenant neither is found out again. Only what a verified token has shown gets in, so made-up headers and tenants can't
 * displace real ones; a header holds nothing secret.
 */
export class KnownRoutes<Owner> {
  readonly #headers = new Map<string, KnownHeader<Owner>>();
  #routes = 0;
  /** Mostly one key signs, for weeks, and mostly the next token is of the same tenant. */
  #latestHeader: KnownHeader<Owner> | undefined;
  #latest: Route<Owner> | undefined;

  /**
   * The header that a token begins with, if it is known: the same object each time.
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
   * The keys that were trusted for a token of this authority that began with this header and named this issuer, tenant and
   * policy. Whether they still are is for `trust.grounds` to say.
   *
   * @param header what {@link headerOf} has just given
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

  /** @param text of the header, as it was sent; `header` is what it says, checked, and not changed by anyone */
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
    // A copy: V8 makes a part of a string by keeping the whole of it alive.
    const known = { text: Buffer.from(text, 'latin1').toString('latin1'), header, byIssuer: new Map() };
    this.#headers.set(known.text, known);
    return known;
  }
}

/** Each by itself: two of them in one text could be read in two ways. */
function isOf<Owner>(route: Route<Owner>, { iss, tid, policy }: IssuerClaims, owner: Owner): boolean {
  return route.owner === owner && route.iss === iss && route.tid === tid && route.policy === policy;
}

import { setTimeout as wait } from 'node:timers/promises';
import { ConfigurationError, UnavailableError } from '@entra-guard/core';
import { DownstreamError, isTicketRevoked, type TokenAuthority } from '@entra-guard/core/downstream';
import { digestOf } from '../cache/entry-key.js';
import type { GrantedToken, TokenCache } from '../cache/token-cache.js';
import type { Tokens } from '../call/bound-api.js';
import type { Exchanger } from '../exchange/exchanger.js';
import { byRefreshToken, onBehalfOf } from '../exchange/form.js';
import type { Refusal } from '../exchange/refusal.js';
import type { ApiSettings } from '../options/api-options.js';
import type { DownstreamSettings } from '../options/options.js';
import type { SealedEntries } from '../store/sealed-store.js';
import { StoreTime } from '../store/store-time.js';
import type { CallerSource } from '../token-getter.js';
import { toldTokens, type Whose } from '../told-tokens.js';
import { newTicket, notAccepted, placeOf } from './ticket.js';
import { formatRecord, readRecord, recordFor, type TicketRecord } from './ticket-record.js';

/** What tickets need. */
interface Surroundings {
  readonly settings: DownstreamSettings;
  readonly cache: TokenCache;
  readonly exchanger: Exchanger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long a ticket waits for its store, in milliseconds: without it there is no ticket. */
const PATIENCE = 2000;
/** How often it is written down that revocations were asked about a user, in milliseconds. */
const NOTED_EVERY = 3_600_000;

/** Tickets to act for users once their tokens have expired: refresh tokens, sealed in the store. */
export class Tickets {
  readonly #settings: DownstreamSettings;
  readonly #cache: TokenCache;
  readonly #exchanger: Exchanger;
  readonly #now: () => number;

  constructor({ settings, cache, exchanger, now }: Surroundings) {
    this.#settings = settings;
    this.#cache = cache;
    this.#exchanger = exchanger;
    this.#now = now;
  }

  /**
   * Exchanges a caller's token for one that can be renewed, and keeps that.
   *
   * @param validFor milliseconds
   * @returns the text of the ticket
   * @throws ConfigurationError without a store; what an exchange throws; UnavailableError if the store does not take it
   */
  async take(
    api: ApiSettings,
    authority: TokenAuthority,
    { auth, read }: CallerSource,
    validFor: number,
  ): Promise<string> {
    const entries = this.#entries();
    const tokenUrl = await authority.tokenUrl(auth.tenantId);
    const { token } = read();
    const { clientId } = authority;
    const scope = api.scopes.join(' ');
    const granted = await this.#exchanger.exchange({
      api: api.name,
      authority,
      tokenUrl,
      scope: `${scope} offline_access`,
      claims: undefined,
      cae: true,
      form: (base) => onBehalfOf(base, token),
    });
    if ('fault' in granted) throw granted.error(auth);
    const { refreshToken } = granted;
    if (refreshToken === undefined) throw noRefreshToken(api.name);
    const ticket = newTicket();
    const now = this.#now();
    const record = recordFor(auth, {
      api: api.name,
      tokenUrl,
      clientId,
      scope,
      refreshToken,
      until: now + validFor,
      askedAt: now,
    });
    if (await this.#write(entries, placeOf(ticket) as string, record)) return ticket;
    throw noStore();
  }

  /** @param ticket text that claims to be one */
  tokens(api: ApiSettings, ticket: string): Tokens {
    const entries = this.#entries();
    const place = placeOf(ticket);
    let known: TicketRecord | undefined;
    const whose: Whose = {
      api: api.name,
      kind: 'ticket',
      get who() {
        if (known === undefined) return undefined;
        return { subjectKey: known.subjectKey, tenantId: known.tenantId, clientId: known.callerClientId };
      },
      scopes: api.scopes,
      // No user is there who could do something about it.
      refused: (refusal) => (refusal.fault === 'caller' ? notAccepted() : refusal.error(undefined)),
      demanded: notAccepted,
    };
    const asking = async (cae: boolean) => {
      const record = await this.#record(entries, place, api);
      known = record;
      const authority = await this.#authorityOf(record);
      const { tokenUrl, clientId, scope } = record;
      return {
        wanted: { kind: 'ticket', tokenUrl, clientId, subject: digestOf(ticket), scope, cae },
        owner: record.subjectKey,
        end: record.until,
        ask: (claims: string | undefined) =>
          this.#renew(entries, place as string, api, authority, { claims, cae }),
      } as const;
    };
    return toldTokens(this.#cache, whose, asking, this.#now);
  }

  /** Ends a ticket. Does nothing for one that is unknown. @throws UnavailableError if the store does not answer */
  async release(ticket: string): Promise<void> {
    const place = placeOf(ticket);
    if (place === undefined) return;
    const entries = this.#entries();
    // A process that renews it now would write it again.
    const free = await reserved(entries, place);
    if (free === undefined) throw noStore();
    const isDeleted = await entries.delete(place, new StoreTime(PATIENCE));
    await free();
    if (!isDeleted) throw noStore();
  }

  #entries(): SealedEntries {
    const { entries } = this.#settings;
    if (entries !== undefined) return entries;
    throw new ConfigurationError(
      'Tickets need a store, and createDownstream(...) has none.',
      "Pass store: sealed(redisTokens(client), keyRing([{ id: '2026-11', secret }])). A ticket outlives the process that gave it.",
    );
  }

  /**
   * Reads a ticket, and asks whether it holds.
   *
   * @param isReserved whether this process has reserved it
   */
  async #record(
    entries: SealedEntries,
    place: string | undefined,
    api: ApiSettings,
    isReserved = false,
  ): Promise<TicketRecord> {
    if (place === undefined) throw notAccepted();
    const read = await entries.read(place, new StoreTime(PATIENCE));
    if (read.state === 'later') throw noStore();
    const record = read.state === 'found' ? readRecord(read.text) : undefined;
    const now = this.#now();
    // Not `>=`: a broken clock must not prolong a ticket.
    if (record === undefined || record.api !== api.name || !(now < record.until)) throw notAccepted();
    const { revocations } = this.#settings.tier;
    if (revocations === undefined) return record;
    if (isTicketRevoked(record.subject, revocations, record.askedAt, now)) {
      // Refused from now on without being asked about.
      await entries.delete(place, new StoreTime(PATIENCE));
      throw notAccepted();
    }
    if (now - record.askedAt < NOTED_EVERY || isReserved) return record;
    const free = await reserved(entries, place);
    if (free === undefined) return record;
    try {
      const current = await this.#record(entries, place, api, true);
      const noted = { ...current, askedAt: now };
      await this.#write(entries, place, noted);
      return noted;
    } finally {
      await free();
    }
  }

  async #authorityOf({ clientId, tenantId, tokenUrl }: TicketRecord): Promise<TokenAuthority> {
    for (const authority of this.#settings.tier.authorities) {
      if (authority.clientId !== clientId || !(await authority.accepts(tenantId))) continue;
      if ((await authority.tokenUrl(tenantId)) === tokenUrl) return authority;
    }
    // The guard no longer accepts the tenant.
    throw notAccepted();
  }

  async #renew(
    entries: SealedEntries,
    place: string,
    api: ApiSettings,
    authority: TokenAuthority,
    { claims, cae }: { readonly claims: string | undefined; readonly cae: boolean },
  ): Promise<GrantedToken | Refusal> {
    const free = await reserved(entries, place);
    try {
      // Another process may have renewed or released it, or access may have been revoked.
      const record = await this.#record(entries, place, api, true);
      const granted = await this.#exchanger.exchange({
        api: api.name,
        authority,
        tokenUrl: record.tokenUrl,
        scope: `${record.scope} offline_access`,
        claims,
        cae,
        form: (base) => byRefreshToken(base, record.refreshToken),
      });
      if ('fault' in granted || granted.refreshToken === undefined) return granted;
      // If that fails, the one from before goes on for some time.
      await this.#write(entries, place, { ...record, refreshToken: granted.refreshToken });
      return granted;
    } finally {
      await free?.();
    }
  }

  #write(entries: SealedEntries, place: string, record: TicketRecord): Promise<boolean> {
    return entries.set(place, formatRecord(record), record.until - this.#now(), new StoreTime(PATIENCE));
  }
}

/** For how long a ticket is reserved at most, in milliseconds: for longer than an exchange may take. */
const RESERVED_FOR = 30_000;

/**
 * Reserves a ticket, so that no other process writes it meanwhile.
 *
 * @returns ends that, and does nothing where the store can't reserve; `undefined` if another process has it for too long
 */
async function reserved(entries: SealedEntries, place: string): Promise<(() => Promise<void>) | undefined> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const locked = await entries.lock(`${place}:lock`, RESERVED_FOR, new StoreTime(PATIENCE));
    if (locked !== 'taken') return locked ?? (async () => {});
    if (performance.now() >= end) return undefined;
    await wait(20 + 80 * Math.random());
  }
}

function noRefreshToken(api: string): DownstreamError {
  return new DownstreamError({
    code: 'downstream_misconfigured',
    message: `Entra gave no refresh token for '${api}', which a ticket needs.`,
    hint: 'Has this API the delegated permission offline_access, with consent?',
    api,
  });
}

function noStore(): UnavailableError {
  return new UnavailableError({
    part: 'downstream',
    message: 'The store of tickets does not answer in time, or a newer process has written the ticket.',
    hint: 'health() tells more. The ticket is as good as before: try again.',
    retryAfter: 5,
  });
}

import type { AuthContext, LogSink } from '@entra-guard/core';
import { claimsStepUp, DownstreamError, type TokenAuthority } from '@entra-guard/core/downstream';
import { Agents } from './agent/agents.js';
import { digestOf } from './cache/entry-key.js';
import { TokenCache } from './cache/token-cache.js';
import type { Tokens } from './call/bound-api.js';
import type { IdentityToken } from './credential/credential.js';
import { Exchanger } from './exchange/exchanger.js';
import { clientCredentials, onBehalfOf } from './exchange/form.js';
import type { Refusal } from './exchange/refusal.js';
import type { ApiSettings } from './options/api-options.js';
import type { DownstreamSettings } from './options/options.js';
import { SharedTokens } from './store/shared-tokens.js';
import { Tickets } from './ticket/tickets.js';
import { toldTokens, type Whose, whoIs } from './told-tokens.js';

/** A user, and the token by which the guard accepted them for the request of now. */
export interface Caller {
  readonly auth: AuthContext;
  readonly token: string;
}

/** Whose request it is. */
export interface CallerSource {
  readonly auth: AuthContext;
  /** Gives the caller of now. Asked at each use, so that no token is held in between. */
  readonly read: () => Caller;
}

/** Gets tokens for other APIs: from the cache, or from Entra. Publishes an event for each. */
export class TokenGetter {
  readonly #settings: DownstreamSettings;
  readonly #cache: TokenCache;
  readonly #exchanger: Exchanger;
  readonly #now: () => number;
  readonly tickets: Tickets;
  readonly agents: Agents;

  /** @param now milliseconds since the epoch */
  constructor(settings: DownstreamSettings, now: () => number, log: LogSink) {
    this.#settings = settings;
    this.#now = now;
    const { memory, entries } = settings;
    const shared = entries === undefined ? undefined : new SharedTokens(entries, now);
    this.#cache = new TokenCache(memory, shared, now);
    this.#exchanger = new Exchanger(settings.credential, settings.timeout, log);
    this.agents = new Agents(this.#cache, this.#exchanger, now);
    this.tickets = new Tickets({ settings, cache: this.#cache, exchanger: this.#exchanger, now });
  }

  /** What is wrong with this API's registration or credential. */
  get faults(): readonly Refusal[] {
    return this.#exchanger.faults(this.#now());
  }

  forCaller(api: ApiSettings, authority: TokenAuthority, { auth, read }: CallerSource): Tokens {
    const scope = api.scopes.join(' ');
    const whose: Whose = {
      api: api.name,
      kind: 'caller',
      who: whoIs(auth),
      scopes: api.scopes,
      refused: (refusal) => refusal.error(auth),
      // It is about the caller, whose client can answer it.
      demanded: (claims) => claimsStepUp(auth, claims),
    };
    return toldTokens(
      this.#cache,
      whose,
      async (cae) => {
        const tokenUrl = await authority.tokenUrl(auth.tenantId);
        const { token } = read();
        const { clientId } = authority;
        return {
          wanted: { kind: 'caller', tokenUrl, clientId, subject: digestOf(token), scope, cae },
          owner: auth.subjectKey,
          end: auth.expiresAt,
          ask: (claims) =>
            this.#exchanger.exchange({
              api: api.name,
              authority,
              tokenUrl,
              scope,
              claims,
              cae,
              form: (base) => onBehalfOf(base, token),
            }),
        };
      },
      this.#now,
    );
  }

  /** @param tenantId `undefined` where the guard accepts a single one */
  forApp(api: ApiSettings, tenantId: string | undefined): Tokens {
    const scope = api.appScope as string;
    const common = { subject: '', scope } as const;
    const ends = { owner: undefined, end: Number.POSITIVE_INFINITY } as const;
    const whose: Omit<Whose, 'kind'> = {
      api: api.name,
      who: undefined,
      scopes: [scope],
      refused: (refusal) => refusal.error(undefined),
      demanded: () => notContent(api.name),
    };
    if (api.as === 'managed-identity') {
      // Entra is asked by the platform, which knows nothing of claims.
      const asking = async () =>
        ({
          wanted: { ...common, kind: 'managed-identity', tokenUrl: '', clientId: '', cae: false },
          ...ends,
          ask: () => this.#identityToken(scope),
        }) as const;
      return toldTokens(this.#cache, { ...whose, kind: 'managed-identity' }, asking, this.#now);
    }
    return toldTokens(
      this.#cache,
      { ...whose, kind: 'app' },
      async (cae) => {
        const authority = await this.#authorityFor(tenantId);
        const { clientId } = authority;
        const tokenUrl = await authority.tokenUrl(tenantId ?? '');
        return {
          wanted: { ...common, kind: 'app', tokenUrl, clientId, cae },
          ...ends,
          ask: (claims) =>
            this.#exchanger.exchange({
              api: api.name,
              authority,
              tokenUrl,
              scope,
              claims,
              cae,
              form: clientCredentials,
            }),
        };
      },
      this.#now,
    );
  }

  async #authorityFor(tenantId: string | undefined): Promise<TokenAuthority> {
    const { authorities } = this.#settings.tier;
    if (tenantId === undefined) return authorities[0] as TokenAuthority;
    for (const authority of authorities) if (await authority.accepts(tenantId)) return authority;
    throw notAccepted(tenantId);
  }

  forget({ subjectKey }: AuthContext): Promise<void> {
    return this.#cache.forget(subjectKey);
  }

  close(): void {
    this.#cache.clear();
    this.agents.close();
  }

  async #identityToken(scope: string) {
    const get = this.#settings.credential.identityToken as (
      scope: string,
      now: () => number,
    ) => Promise<IdentityToken>;
    const { token, expiresAt } = await get.call(this.#settings.credential, scope, this.#now);
    return { kind: 'granted', token, expiresAt, refreshAt: undefined, refreshToken: undefined } as const;
  }
}

/** The challenge is about this API and not about a caller, who could do nothing about it. */
function notContent(api: string): DownstreamError {
  return new DownstreamError({
    code: 'downstream_misconfigured',
    message: `'${api}' does not accept the token of this API, although it is new and has what was demanded.`,
    hint: 'Was the application or its service principal disabled, or is it at risk (Entra: continuous access evaluation for workload identities)? Its sign-in log tells.',
    api,
  });
}

function notAccepted(tenantId: string): DownstreamError {
  return new DownstreamError({
    code: 'downstream_misconfigured',
    message: `asApp(...) was asked for the tenant ${tenantId}, whose tokens the guard does not accept.`,
    hint: 'Pass the tenant of a caller, auth.tenantId, or one that the guard accepts.',
  });
}

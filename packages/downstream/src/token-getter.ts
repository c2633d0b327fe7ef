import {
  type AuthContext,
  EntraGuardError,
  type LogSink,
  PermissionError,
  publishEvent,
} from '@entra-guard/core';
import { claimsStepUp, DownstreamError, type TokenAuthority } from '@entra-guard/core/downstream';
import { digestOf } from './cache/entry-key.js';
import { type Asking, type Found, TokenCache } from './cache/token-cache.js';
import type { ApiToken, Tokens } from './call/bound-api.js';
import type { IdentityToken } from './credential/credential.js';
import type { DownstreamEvent } from './downstream-event.js';
import { Exchanger } from './exchange/exchanger.js';
import { clientCredentials, onBehalfOf } from './exchange/form.js';
import type { Refusal } from './exchange/refusal.js';
import type { ApiSettings } from './options/api-options.js';
import type { DownstreamSettings } from './options/options.js';
import { SharedTokens } from './store/shared-tokens.js';

/** A user, and the token by which the guard accepted them for the request of now. */
export interface Caller {
  readonly auth: AuthContext;
  readonly token: string;
}

/** For whom a token is. */
interface Whose {
  readonly api: string;
  readonly kind: DownstreamEvent['kind'];
  readonly auth: AuthContext | undefined;
  readonly scopes: readonly string[];
}

/** Gets tokens for other APIs: from the cache, or from Entra. Publishes an event for each. */
export class TokenGetter {
  readonly #settings: DownstreamSettings;
  readonly #cache: TokenCache;
  readonly #exchanger: Exchanger;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(settings: DownstreamSettings, now: () => number, log: LogSink) {
    this.#settings = settings;
    this.#now = now;
    const { memory, entries } = settings;
    const shared = entries === undefined ? undefined : new SharedTokens(entries, now);
    this.#cache = new TokenCache(memory, shared, now);
    this.#exchanger = new Exchanger(settings.credential, settings.timeout, log);
  }

  /** What is wrong with this API's registration or credential. */
  get faults(): readonly Refusal[] {
    return this.#exchanger.faults(this.#now());
  }

  /** @param read gives the caller of now, and is asked at each use: no token is held in between */
  forCaller(api: ApiSettings, authority: TokenAuthority, read: () => Caller): Tokens {
    const { auth } = read();
    const scope = api.scopes.join(' ');
    return this.#tokens({ api: api.name, kind: 'caller', auth, scopes: api.scopes }, async (cae) => {
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
    });
  }

  forApp(api: ApiSettings, authority: TokenAuthority, tenantId: string | undefined): Tokens {
    const scope = api.appScope as string;
    const { clientId } = authority;
    const common = { subject: '', clientId, scope } as const;
    const ends = { owner: undefined, end: Number.POSITIVE_INFINITY } as const;
    const whose = { api: api.name, auth: undefined, scopes: [scope] } as const;
    if (api.as === 'managed-identity') {
      // Entra is asked by the platform, which knows nothing of claims.
      return this.#tokens({ ...whose, kind: 'managed-identity' }, async () => ({
        wanted: { ...common, kind: 'managed-identity', tokenUrl: '', cae: false },
        ...ends,
        ask: () => this.#identityToken(scope),
      }));
    }
    return this.#tokens({ ...whose, kind: 'app' }, async (cae) => {
      if (tenantId !== undefined && !(await authority.accepts(tenantId))) throw notAccepted(tenantId);
      const tokenUrl = await authority.tokenUrl(tenantId ?? '');
      return {
        wanted: { ...common, kind: 'app', tokenUrl, cae },
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
    });
  }

  forget({ subjectKey }: AuthContext): Promise<void> {
    return this.#cache.forget(subjectKey);
  }

  close(): void {
    this.#cache.clear();
  }

  async #identityToken(scope: string) {
    const get = this.#settings.credential.identityToken as (
      scope: string,
      now: () => number,
    ) => Promise<IdentityToken>;
    const { token, expiresAt } = await get.call(this.#settings.credential, scope, this.#now);
    return { kind: 'granted', token, expiresAt, refreshAt: undefined, refreshToken: undefined } as const;
  }

  #tokens(whose: Whose, asking: (cae: boolean) => Promise<Asking>): Tokens {
    return {
      get: (cae) =>
        this.#told(whose, false, async () => this.#cache.get(await asking(cae))) as Promise<ApiToken>,
      getFor: (claims, used, cae) =>
        this.#told(whose, true, async () => this.#cache.getFor(claims, used, await asking(cae))),
      demanded: (claims) => demanded(whose, claims),
    };
  }

  /** Gets a token, or throws for a refusal, and publishes what came of it. */
  async #told(
    whose: Whose,
    isDemanded: boolean,
    get: () => Promise<Found | undefined>,
  ): Promise<ApiToken | undefined> {
    const start = performance.now();
    let found: Found | undefined;
    let thrown: unknown;
    try {
      found = await get();
      if (found?.kind === 'refused') thrown = found.refusal.error(whose.auth);
    } catch (error) {
      thrown = error;
    }
    publishEvent('downstream', () =>
      eventOf(whose, isDemanded, found, thrown, this.#now(), performance.now() - start),
    );
    if (thrown !== undefined) throw thrown;
    return found?.kind === 'token' ? { token: found.token, expiresAt: found.expiresAt } : undefined;
  }
}

function eventOf(
  { api, kind, auth, scopes }: Whose,
  isDemanded: boolean,
  found: Found | undefined,
  thrown: unknown,
  time: number,
  durationMs: number,
): Omit<DownstreamEvent, 'type'> {
  const refusal = found?.kind === 'refused' ? found.refusal : undefined;
  const asked = found?.source === 'exchange' ? found : undefined;
  const correlationId = asked?.kind === 'token' ? asked.correlationId : asked?.refusal.correlationId;
  return {
    v: 1,
    time,
    api,
    kind,
    ...(auth === undefined
      ? {}
      : { who: { subjectKey: auth.subjectKey, tenantId: auth.tenantId, clientId: auth.clientId } }),
    scopes,
    outcome: found?.kind === 'token' ? 'allow' : 'deny',
    ...(found === undefined ? {} : { source: found.source }),
    demanded: isDemanded,
    ...(EntraGuardError.is(thrown) ? { code: thrown.code } : {}),
    ...(refusal?.aadsts === undefined ? {} : { aadsts: refusal.aadsts }),
    ...(correlationId === undefined ? {} : { correlationId }),
    durationMs,
  };
}

/** A challenge of the other API goes to the caller whom it is about. A caller has no part in what this API is refused itself. */
function demanded({ api, auth }: Whose, claims: string): PermissionError | DownstreamError {
  if (auth !== undefined) return claimsStepUp(auth, claims);
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

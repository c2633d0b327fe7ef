import { type AuthContext, EntraGuardError, publishEvent } from '@entra-guard/core';
import type { Asking, Found, TokenCache } from './cache/token-cache.js';
import type { ApiToken, Tokens } from './call/bound-api.js';
import type { DownstreamEvent } from './downstream-event.js';
import type { Refusal } from './exchange/refusal.js';

/** For whom a token is, and what they are told where there is none. */
export interface Whose {
  readonly api: string;
  readonly kind: DownstreamEvent['kind'];
  /** `undefined` for this API itself. */
  readonly who: DownstreamEvent['who'];
  readonly scopes: readonly string[];
  /** The agent identity, if one acts. */
  readonly agentId?: string;
  /** The error for a refusal of Entra. */
  refused(refusal: Refusal): Error;
  /** The error for what the other API demands in spite of a new token. */
  demanded(claims: string): Error;
}

/** A user, as events name them. */
export function whoIs({ subjectKey, tenantId, clientId }: AuthContext): NonNullable<Whose['who']> {
  return { subjectKey, tenantId, clientId };
}

/**
 * Gives tokens of the cache, and publishes an event for each.
 *
 * @param asking says what is wanted, and is asked at each use
 * @param now milliseconds since the epoch
 */
export function toldTokens(
  cache: TokenCache,
  whose: Whose,
  asking: (cae: boolean) => Promise<Asking>,
  now: () => number,
): Tokens {
  const told = async (
    isDemanded: boolean,
    get: () => Promise<Found | undefined>,
  ): Promise<ApiToken | undefined> => {
    const start = performance.now();
    let found: Found | undefined;
    let thrown: unknown;
    try {
      found = await get();
      if (found?.kind === 'refused') thrown = whose.refused(found.refusal);
    } catch (error) {
      thrown = error;
    }
    publishEvent('downstream', () =>
      eventOf(whose, isDemanded, found, thrown, now(), performance.now() - start),
    );
    if (thrown !== undefined) throw thrown;
    return found?.kind === 'token' ? { token: found.token, expiresAt: found.expiresAt } : undefined;
  };
  return {
    get: (cae) => told(false, async () => cache.get(await asking(cae))) as Promise<ApiToken>,
    getFor: (claims, used, cae) => told(true, async () => cache.getFor(claims, used, await asking(cae))),
    demanded: (claims) => whose.demanded(claims),
  };
}

function eventOf(
  { api, kind, who, scopes, agentId }: Whose,
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
    ...(who === undefined ? {} : { who }),
    ...(agentId === undefined ? {} : { agentId }),
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

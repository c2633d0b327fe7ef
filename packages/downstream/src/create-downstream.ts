import {
  type AuthContext,
  ConfigurationError,
  consoleLog,
  type Duration,
  type Health,
  type HealthPart,
  type LogSink,
  ownOptions,
  type RequestLike,
} from '@entra-guard/core';
import type { TokenAuthority } from '@entra-guard/core/downstream';
import { type AgentFor, readAgentFor, readAgentId } from './agent/read-agent.js';
import { type BoundApi, boundApi } from './call/bound-api.js';
import type { ApiSettings } from './options/api-options.js';
import { type DownstreamOptions, readOptions } from './options/options.js';
import { assertKnown, shown } from './options/read.js';
import { readValidFor } from './ticket/ticket.js';
import { TokenGetter } from './token-getter.js';

/** Another API. */
export interface DownstreamApi {
  /**
   * Calls it on behalf of the user whose request the guard has accepted, by exchanging the very token that it was accepted by (Entra:
   * OAuth 2.0 On-Behalf-Of flow). The token is read from the request when it is needed, and kept nowhere.
   *
   * @param request the framework's request itself
   * @throws ConfigurationError for an API without `scopes`, and for a request that the guard has not accepted; DownstreamError
   * `caller_token_changed`; PermissionError for an app-only caller; TokenError once the token has expired or was revoked
   */
  forCaller(request: object): BoundApi;
  /**
   * Calls it as this API itself, by client credentials or as the managed identity. Its permissions are those of this API and not of any
   * caller: check first what the caller may do.
   *
   * @param options `tenantId`: in which tenant. Required where the guard accepts several
   * @throws ConfigurationError for an API without `appScope`, and without a tenant
   */
  asApp(options?: { readonly tenantId?: string }): BoundApi;
  /**
   * Calls it as an agent identity, whose blueprint is the app registration of this API (Entra: agent identities). For a caller, their
   * token is exchanged, so that the other API sees the user and the agent.
   *
   * @param agentId the agent identity's application (client) ID
   * @param acts for whom: `{ forCaller: req }`, `{ user }` for the agent's own user account, or `'itself'`
   * @throws what `forCaller` throws; ConfigurationError for anything else, and without the tenant's single authority
   */
  asAgent(agentId: string, acts: AgentFor): BoundApi;
  /**
   * Takes a ticket, to act for the user once their token has expired: for a job that goes on after the request. The only use of a
   * refresh token, which is sealed in the store; the ticket is 256 random bits, given once. Keep it like a password.
   *
   * @param options `validFor`: how long it may be used, whole seconds or text such as `'8h'`; at most `'90d'`
   * @throws what `forCaller` throws; ConfigurationError without a store and for an invalid `validFor`; UnavailableError if the store does
   * not take it; what the exchange throws (as rejections)
   */
  ticketFor(request: object, options: { readonly validFor: Duration }): Promise<string>;
  /**
   * Calls the API for the user of a ticket. Whether their access was revoked is asked at each use, by the guard's `revocations`.
   *
   * Its calls throw PermissionError `ticket_not_accepted` for a ticket that is unknown, has ended, was released or is of another API,
   * and for a user whose access was revoked.
   *
   * @throws ConfigurationError without a store
   */
  forTicket(ticket: string): BoundApi;
  /**
   * Ends a ticket, when the job is done. Does nothing for one that is unknown.
   *
   * @throws UnavailableError if the store does not answer (as a rejection)
   */
  release(ticket: string): Promise<void>;
}

/** Other APIs, as {@link createDownstream} makes them. */
export interface Downstream<Name extends string> {
  readonly apis: Readonly<Record<Name, DownstreamApi>>;
  /** Forgets the tokens that were got on behalf of a user, as after a sign-out. */
  forget(auth: AuthContext): Promise<void>;
  /** Tells whether other APIs can be called: what Entra has refused of late, and when the certificate ends. */
  health(): Promise<Health>;
  /** Forgets all tokens. Idempotent. */
  close(): Promise<void>;
  /** Like {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Calls other APIs with tokens of Entra: on behalf of the caller, or as this API itself.
 *
 * ```ts
 * const { apis } = createDownstream({
 *   guard,
 *   credential: managedIdentity({ clientId: identityId }),
 *   apis: { graph: { baseUrl: 'https://graph.microsoft.com/v1.0', scopes: ['https://graph.microsoft.com/User.Read'] } },
 * });
 * app.get('/me', guard.require(scopes('Me.Read')), async (req, res) => res.json(await apis.graph.forCaller(req).json('/me')));
 * app.use(guard.answerErrors());
 * ```
 *
 * @throws ConfigurationError for invalid options
 */
export function createDownstream<const Name extends string>(
  options: DownstreamOptions<Name>,
): Downstream<Name> {
  const settings = readOptions(options);
  const { tier, credential, entries, fetch } = settings;
  const [first] = tier.authorities as readonly [TokenAuthority];
  const { now } = first;
  const getter = new TokenGetter(settings, now, logOf(first));
  // Bound late: a test may replace the global one.
  const fetchOf = (authority: TokenAuthority) => fetch ?? authority.fetch;

  const callerOf = (api: ApiSettings, call: string, request: object) => {
    if (api.scopes.length === 0) throw noScopes(api, 'scopes', call);
    const read = () => tier.callerToken(request as RequestLike);
    const { auth } = read();
    const authority = tier.authorityOf(auth);
    if (authority === undefined) throw foreignCaller();
    return { caller: { auth, read }, authority };
  };

  const apiOf = (api: ApiSettings): DownstreamApi => ({
    forCaller: (request) => {
      const { caller, authority } = callerOf(api, 'forCaller(...)', request);
      return boundApi(api, getter.forCaller(api, authority, caller), fetchOf(authority), now);
    },
    asApp: (given = {}) => {
      if (api.appScope === undefined) throw noScopes(api, 'appScope', 'asApp()');
      const tenantId = readTenant(given);
      return boundApi(api, getter.forApp(api, tenantId), fetchOf(first), now);
    },
    asAgent: (given, forWhom) => {
      const agentId = readAgentId(given);
      const acts = readAgentFor(forWhom);
      if (acts.for === 'caller') {
        const { caller, authority } = callerOf(api, 'asAgent(...)', acts.request);
        const tokens = getter.agents.tokens(api, authority, agentId, { for: 'caller', caller });
        return boundApi(api, tokens, fetchOf(authority), now);
      }
      const option = acts.for === 'user' ? 'scopes' : 'appScope';
      if (api.scopes.length === 0 && option === 'scopes') throw noScopes(api, option, 'asAgent(...)');
      if (api.appScope === undefined && option === 'appScope') throw noScopes(api, option, 'asAgent(...)');
      // Agent identities belong to one tenant.
      if (tier.authorities.length > 1 || first.severalTenants) throw severalTenants();
      return boundApi(api, getter.agents.tokens(api, first, agentId, acts), fetchOf(first), now);
    },
    ticketFor: async (request, given) => {
      const validFor = readValidFor(given);
      const { caller, authority } = callerOf(api, 'ticketFor(...)', request);
      return getter.tickets.take(api, authority, caller, validFor);
    },
    forTicket: (ticket) => boundApi(api, getter.tickets.tokens(api, ticket), fetchOf(first), now),
    release: (ticket) => getter.tickets.release(ticket),
  });

  const readTenant = (given: unknown): string | undefined => {
    const tenantId = tenantIn(given);
    if (tenantId !== undefined) return tenantId;
    if (tier.authorities.length === 1 && !first.severalTenants) return undefined;
    throw new ConfigurationError(
      'asApp() was called without a tenant, and the guard accepts several.',
      'Pass the tenant in which to call: asApp({ tenantId: auth.tenantId }).',
    );
  };

  const close = async (): Promise<void> => getter.close();
  const apis = Object.fromEntries(settings.apis.map((api) => [api.name, Object.freeze(apiOf(api))]));
  return Object.freeze({
    apis: Object.freeze(apis) as Readonly<Record<Name, DownstreamApi>>,
    forget: async (auth: AuthContext) => getter.forget(auth),
    health: async () => healthOf([credential.health(now()), faultsPart(getter), entries?.health()]),
    close,
    [Symbol.asyncDispose]: close,
  });
}

function logOf({ log }: TokenAuthority): LogSink {
  const sink = log === false ? () => {} : (log ?? consoleLog);
  return (entry) => {
    try {
      sink(entry);
    } catch {
      // Only the entry is lost.
    }
  };
}

function tenantIn(given: unknown): string | undefined {
  const options = ownOptions('asApp(...)', given as { readonly tenantId?: unknown }, ['tenantId']);
  assertKnown('asApp(...)', options, ['tenantId']);
  const { tenantId } = options;
  if (tenantId === undefined) return undefined;
  if (typeof tenantId === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenantId)) {
    return tenantId.toLowerCase();
  }
  throw new ConfigurationError(
    `asApp(...): tenantId is ${shown(tenantId)}.`,
    'Pass the GUID of the tenant: auth.tenantId.',
  );
}

function faultsPart(getter: TokenGetter): HealthPart {
  const [fault] = getter.faults;
  const facts = { part: 'downstream', name: 'app registration' } as const;
  if (fault === undefined)
    return { ...facts, status: 'up', message: 'Entra has refused this API nothing of late.' };
  const { message } = fault.error(undefined);
  return { ...facts, status: 'degraded', message: 'Entra refuses this API.', lastError: message };
}

/** Other APIs are not needed to decide about requests, so at most `degraded`, unless the credential itself has ended. */
function healthOf(given: readonly (HealthPart | undefined)[]): Health {
  const parts = given.filter((part) => part !== undefined);
  const rank = { up: 0, degraded: 1, down: 2 } as const;
  const worst = parts.reduce((one, other) => (rank[other.status] > rank[one.status] ? other : one));
  return {
    status: worst.status,
    message: worst.status === 'up' ? 'Other APIs can be called.' : worst.message,
    parts,
  };
}

function noScopes({ name }: ApiSettings, option: string, call: string): ConfigurationError {
  return new ConfigurationError(
    `${call} was called for '${name}', which has no ${option}.`,
    option === 'scopes'
      ? `Name the delegated permissions that this API needs there: apis.${name}.scopes.`
      : `Name the scope of this API's application permissions there: apis.${name}.appScope, '…/.default'.`,
  );
}

function severalTenants(): ConfigurationError {
  return new ConfigurationError(
    'asAgent(...) was called without a caller, and the guard accepts several tenants.',
    'An agent identity belongs to one tenant: give it its own guard, or act for a caller.',
  );
}

function foreignCaller(): ConfigurationError {
  return new ConfigurationError(
    'No authority of the guard has accepted this caller.',
    'Pass createDownstream(...) the guard that judges the requests, and not another one.',
  );
}

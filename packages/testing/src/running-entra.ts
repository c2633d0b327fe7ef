import { asyncDispose } from './async-dispose.js';
import type { Clock } from './clock.js';
import type { App } from './directory/apps.js';
import type { EntraServices } from './endpoints/call.js';
import { createHandler, type Handler, type Pages } from './endpoints/handler.js';
import { v2Metadata } from './endpoints/metadata.js';
import { externalAuthority } from './issuers.js';
import type { LocalEntra } from './local-entra.js';
import type { KeptState } from './state/open-state.js';
import { wrongTokens } from './tokens/wrong-tokens.js';
import { inProcessFetch } from './transport/in-process-fetch.js';
import type { LoopbackServer } from './transport/loopback-server.js';
import { type MsalConfiguration, msalNetworkClient } from './transport/msal.js';
import { tlsFetch } from './transport/tls-fetch.js';
import type {
  InProcessOptions,
  LoopbackOptions,
  MultiTenantInProcessOptions,
  OtherAuthority,
  TrustOptions,
} from './validator-options.js';

/** The parts of a local Entra. */
export interface Parts {
  readonly services: EntraServices;
  readonly closing: AbortController;
  readonly server: LoopbackServer | undefined;
  readonly certificate: string | undefined;
  readonly clock: Clock;
  readonly pages: Pages | undefined;
  /** What is kept between runs, if anything. */
  readonly state: KeptState | undefined;
}

type Accept = { readonly tenants: readonly string[] | 'any-organization' } | OtherAuthority;

/** Puts the parts together and starts answering. */
export function runningEntra(parts: Parts): LocalEntra {
  const { services, closing, server, certificate } = parts;
  const { authority, apps, tenants, people, keys, maker, faults, accounts, policies } = services;
  const { origin } = authority;
  const home = tenants.home;
  const handler = saving(createHandler(services, parts.pages), parts.state);
  server?.serve(handler);
  const others = new Map<string, Handler>();
  const reach = fetchFor(parts, inProcessFetch(authority, handler, others, closing.signal));
  const close = async () => {
    closing.abort();
    await server?.close();
    parts.state?.end();
  };
  return {
    tenantId: home.id,
    origin,
    authority: `${origin}/${home.id}/v2.0`,
    graph: `${authority.graphOrigin}/v1.0`,
    fetch: reach,
    certificate,
    get keys() {
      return keys.kids;
    },
    requests: services.requests,
    wrong: wrongTokens(maker, services),
    options: optionsOf(parts, reach),
    user: (name, claims) => maker.user(name, claims),
    app: (name, claims) => maker.app(name, claims),
    managedIdentity: (name, claims) => maker.managedIdentity(name, claims),
    agent: (name, claims) => maker.agent(name, claims),
    sign: (payload, header) => maker.sign(payload, header),
    rotateKeys: async ({ keep = 1 } = {}) => keys.rotate(keep),
    fail: (what, how, options = {}) => faults.add(what, how, options),
    msal: (app, { tenant } = {}) =>
      msalConfiguration(parts, apps.client(app), tenants.named(tenant).id, reach),
    disable: (name) => accounts.disable(people.named(name, home)),
    enable: (name) => accounts.enable(people.named(name, home)),
    remove: (name) => accounts.remove(people.named(name, home)),
    revokeSessions: (name) => accounts.revokeSessions(people.named(name, home)),
    conditionalAccess: (subject, api, options) =>
      policies.demand(
        subjectOf(services, subject),
        api === undefined ? undefined : apps.api(api).clientId,
        options,
      ),
    receiveNotifications: (handler) => services.notifications.receive(handler),
    downstream: async (given) => {
      // Loaded by the tests that need it.
      const { startApi } = await import('./api/start-api.js');
      return startApi({ entra: services, others, reach }, given);
    },
    now: parts.clock.now,
    advance: (duration) => parts.clock.advance(duration),
    tenantIdOf: (name) => tenants.named(name).id,
    clientIdOf: (name) => apps.client(name).clientId,
    objectIdOf: (name) => people.named(name, home).oid,
    close,
    [asyncDispose]: close,
  };
}

/** Keeps the state after each request, because any may have changed it. */
function saving(handler: Handler, state: KeptState | undefined): Handler {
  if (state === undefined) return handler;
  return async (request) => {
    const answer = await handler(request);
    state.save();
    return answer;
  };
}

/** Returns the object ID of a user, or the client ID of a declared app of that name. */
function subjectOf({ apps, people, tenants }: EntraServices, name: string): string {
  const app = apps.told.find((one) => one.name === name);
  return app?.clientId ?? people.named(name, tenants.home).oid;
}

function fetchFor({ server, certificate }: Parts, inProcess: typeof fetch): typeof fetch {
  if (server === undefined) return inProcess;
  if (certificate !== undefined) return tlsFetch(server.origin, certificate);
  return async (input, init) => globalThis.fetch(input, init);
}

type AnyOptions = InProcessOptions | MultiTenantInProcessOptions | LoopbackOptions;

/** Makes `entra.options`. */
function optionsOf(parts: Parts, reach: typeof fetch): LocalEntra['options'] {
  const { apps } = parts.services;
  function options(app?: string): InProcessOptions | LoopbackOptions;
  function options(app: string | undefined, from: OtherAuthority): LoopbackOptions;
  function options(app?: string, accept?: Accept): AnyOptions {
    return validatorOptions(parts, apps.api(app), reach, accept);
  }
  return options;
}

function validatorOptions(
  { services, server, certificate, clock }: Parts,
  api: App,
  reach: typeof fetch,
  accept: Accept | undefined,
): AnyOptions {
  const { applicationIdUri } = api.registration;
  const trust: TrustOptions = {
    clientId: api.clientId,
    ...(applicationIdUri === undefined ? {} : { applicationIdUri }),
    now: clock.now,
  };
  const { authority, tenants } = services;
  if (accept !== undefined && !('tenants' in accept)) {
    const plain = server !== undefined && certificate === undefined;
    return { authority: addressOf(services, accept), ...trust, ...(plain ? {} : { fetch: reach }) };
  }
  if (server !== undefined) {
    const loopback = { authority: `${authority.origin}/${tenants.home.id}/v2.0`, ...trust };
    return certificate === undefined ? loopback : { ...loopback, fetch: reach };
  }
  if (accept === undefined) return { tenantId: tenants.home.id, ...trust, fetch: reach };
  const accepted =
    typeof accept.tenants === 'string'
      ? accept.tenants
      : accept.tenants.map((name) => tenants.named(name).id);
  return { tenants: accepted, ...trust, fetch: reach };
}

/** Returns the authority of a policy, or of External ID, as an API is configured with it. */
function addressOf({ authority, tenants: { home }, b2c }: EntraServices, other: OtherAuthority): string {
  if ('external' in other) return `${externalAuthority(authority, home.id).origin}/${home.id}/v2.0`;
  return `${authority.b2cOrigin(home)}/${home.domain}/${b2c.named(other.policy).name}/v2.0`;
}

/**
 * Makes MSAL's configuration. MSAL's authority must be https. In process it is Entra's, and requests go through the
 * network client. On an http port the authority is only a name: the configuration contains the metadata, which has the
 * real addresses.
 */
function msalConfiguration(
  { services, server, certificate }: Parts,
  client: App,
  tenantId: string,
  reach: typeof fetch,
): MsalConfiguration {
  const { authority } = services;
  const clientSecret = client.registration.secret ?? 'local-secret';
  const { host } = new URL(authority.origin);
  const auth = { clientId: client.clientId, clientSecret, authority: `https://${host}/${tenantId}` };
  if (server === undefined) return { auth, system: { networkClient: msalNetworkClient(reach) } };
  const known = { ...auth, knownAuthorities: [host] };
  if (certificate !== undefined) return { auth: known, system: { networkClient: msalNetworkClient(reach) } };
  const metadata = v2Metadata(services, tenantId, null);
  const authorityMetadata = JSON.stringify({ ...metadata, issuer: `https://${host}/${tenantId}/v2.0` });
  return { auth: { ...known, authorityMetadata } };
}

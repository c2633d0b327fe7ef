import { ownOptions } from '@entra-guard/core';
import { Clock } from './clock.js';
import { Accounts } from './directory/accounts.js';
import { type AgentFacts, Agents } from './directory/agents.js';
import { Apps } from './directory/apps.js';
import { B2cPolicies, type PolicyFact } from './directory/b2c-policies.js';
import { Changes } from './directory/changes.js';
import { ConditionalAccess } from './directory/conditional-access.js';
import { Consents } from './directory/consents.js';
import { type GroupMembers, Groups } from './directory/groups.js';
import { ManagedIdentities, type ManagedIdentityFacts } from './directory/managed-identities.js';
import { People, type UserFacts } from './directory/people.js';
import type { AppRegistrations } from './directory/registration.js';
import { Tenants } from './directory/tenants.js';
import type { EntraServices } from './endpoints/call.js';
import { DeviceCodes } from './endpoints/device-codes.js';
import { Faults } from './endpoints/faults.js';
import { Sessions } from './endpoints/sessions.js';
import { LocalEntraError } from './error.js';
import { loopbackAuthority, productionAuthority } from './issuers.js';
import { KeyRing } from './keys/key-ring.js';
import type { InProcessEntra, LocalEntra, LoopbackEntra } from './local-entra.js';
import { Notifications } from './notifications.js';
import { assertPlatform } from './platform.js';
import { runningEntra } from './running-entra.js';
import { TokenMaker } from './tokens/token-maker.js';
import { localhostCertificate } from './transport/localhost-certificate.js';
import { listen, type TlsFiles } from './transport/loopback-server.js';

/** Settings of {@link startEntra}, all optional. */
export interface StartEntraOptions {
  /** App registrations by name. An API with declared scopes or roles gets tokens with those only. Default none. */
  readonly apps?: AppRegistrations;
  /** Names of the tenants. The first is the default one. Default: `contoso`, and any other name makes a tenant. */
  readonly tenants?: readonly [string, ...string[]];
  /** Facts about users by name. Any other name is a user, too. Default none. */
  readonly users?: UserFacts;
  /** Members of security groups by the group's name: users, and other groups. Default none. */
  readonly groups?: GroupMembers;
  /** User-assigned managed identities by name. Default: any name or ID is one. */
  readonly managedIdentities?: ManagedIdentityFacts;
  /** Agent identities by name, each with its blueprint. Endpoints know these alone. Default none. */
  readonly agents?: AgentFacts;
  /** User flows and custom policies of Azure AD B2C by name, for an API whose users come from there. Default none. */
  readonly policies?: readonly (string | PolicyFact)[];
  /** Port of 127.0.0.1 to listen on; 0 is any free port. Default: no port, all in process. */
  readonly port?: number;
  /** Use TLS on the port: `true` with a test certificate for `localhost`, or with your files. Default `false`. */
  readonly tls?: boolean | TlsFiles;
  /**
   * Show the pages of a sign-in: choose an account, consent, sign out. Nothing is consented to until a user or an
   * administrator does so. Default `false`: users are signed in at once, and everything is consented to.
   */
  readonly pages?: boolean;
  /**
   * Whether users may consent for themselves. Default `true`. `false`: as in a tenant that leaves consent to administrators. Then
   * `prompt=consent` stops every other user (AADSTS90094), also where an administrator has consented, or no pages are shown.
   */
  readonly userConsent?: boolean;
  /**
   * Whether metadata has `code_challenge_methods_supported` (RFC 8414). Default `false`: Entra accepts PKCE, and its metadata does not
   * say so, which strict clients of MCP refuse.
   */
  readonly advertisePkce?: boolean;
  /**
   * File that keeps the directory and the signing keys between runs: what was changed since the start is there in the next one.
   * It has mode 0600. What the options declare differently than in the last run follows the options. Default: nothing is kept.
   */
  readonly state?: string;
  /** Returns milliseconds since the epoch. Passed on in `options()`. Default `Date.now`. */
  readonly now?: () => number;
  /** Start although `NODE_ENV` is `production`. A local Entra gives any caller any token. Default `false`. */
  readonly dangerouslyAllowProduction?: boolean;
}

const known = new Set([
  'apps',
  'tenants',
  'users',
  'groups',
  'managedIdentities',
  'agents',
  'policies',
  'port',
  'tls',
  'pages',
  'userConsent',
  'advertisePkce',
  'state',
  'now',
  'dangerouslyAllowProduction',
]);

/**
 * Starts a local Entra. Without a port nothing listens and no request leaves the process.
 *
 * ```ts
 * const entra = await startEntra();
 * const api = createApp(entra.options());
 * await request(api).get('/orders').set(entra.user('ada', { scp: 'Orders.Read' }).headers).expect(200);
 * ```
 * @throws {LocalEntraError} `production_refused`, `platform_incomplete`, `option_invalid`, `port_taken`, `state_refused`
 */
export async function startEntra(
  options: StartEntraOptions & { readonly port: number },
): Promise<LoopbackEntra>;
export async function startEntra(
  options?: StartEntraOptions & { readonly port?: never },
): Promise<InProcessEntra>;
export async function startEntra(options?: StartEntraOptions): Promise<LocalEntra>;
export async function startEntra(given: StartEntraOptions = {}): Promise<LocalEntra> {
  const options = ownOptions('startEntra()', given);
  assertOptions(options);
  const apps = new Apps(options.apps);
  const tenants = new Tenants(options.tenants);
  const people = new People(options.users);
  const agents = new Agents(apps, options.agents);
  const managedIdentities = new ManagedIdentities(apps, options.managedIdentities);
  const b2c = new B2cPolicies(options.policies);
  const changes = new Changes();
  const groups = new Groups(options.groups, (user) => people.named(user, tenants.home).oid, changes);
  const state =
    options.state === undefined
      ? undefined
      : await (await import('./state/open-state.js')).openState(options.state);
  const keys = state?.keys ?? (await KeyRing.create());
  // Last, so that no refusal leaves a server behind.
  const tls = options.tls === true ? localhostCertificate : options.tls === false ? undefined : options.tls;
  const server = options.port === undefined ? undefined : await listen(options.port, tls);
  const authority = server === undefined ? productionAuthority : loopbackAuthority(server.origin);
  const clock = new Clock(options.now ?? (() => Date.now()));
  const closing = new AbortController();
  const sources = {
    authority,
    apps,
    tenants,
    people,
    agents,
    b2c,
    managedIdentities,
    groups,
    keys,
    now: clock.now,
  };
  const services: EntraServices = {
    ...sources,
    maker: new TokenMaker(sources),
    sessions: new Sessions(),
    deviceCodes: new DeviceCodes(),
    consents: new Consents(),
    accounts: new Accounts(clock.now, changes),
    changes,
    notifications: new Notifications(),
    onAdvance: clock.onAdvance,
    policies: new ConditionalAccess(),
    faults: new Faults(),
    requests: [],
    pages: options.pages === true,
    userConsent: options.userConsent !== false,
    advertisePkce: options.advertisePkce === true,
    closed: closing.signal,
  };
  // Tests start a local Entra for each file: what they don't need isn't loaded.
  const pages = options.pages === true ? (await import('./pages/pages.js')).createPages() : undefined;
  try {
    state?.begin(services, authority.origin);
  } catch (error) {
    await server?.close();
    throw error;
  }
  return runningEntra({ services, closing, server, certificate: tls?.cert, clock, pages, state });
}

/**
 * Checks the options and the environment.
 * @throws {LocalEntraError} `production_refused`, `platform_incomplete`, `option_invalid`
 */
function assertOptions(options: StartEntraOptions): void {
  const invalid = (message: string) => new LocalEntraError('option_invalid', message);
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      throw invalid(`startEntra has no option "${name}". It has ${[...known].join(', ')}.`);
  }
  assertPlatform();
  const { port, tls, tenants, pages, state } = options;
  if (process.env.NODE_ENV === 'production' && options.dangerouslyAllowProduction !== true) {
    throw new LocalEntraError(
      'production_refused',
      'A local Entra gives any caller any token, so it does not start when NODE_ENV is "production". Unset NODE_ENV, or pass { dangerouslyAllowProduction: true } if nothing real trusts it.',
    );
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalid(`port is ${port}, but a port is an integer from 0 to 65535; 0 is any free port.`);
  }
  if (port === undefined && tls !== undefined && tls !== false) {
    throw invalid(
      'tls is set without a port, so there is no connection to encrypt. Add { port: 0 }, or remove tls.',
    );
  }
  if (pages !== undefined && typeof pages !== 'boolean') {
    throw invalid(`pages is ${String(pages)}. Write true to see the pages of a sign-in, or leave it out.`);
  }
  for (const name of ['userConsent', 'advertisePkce'] as const) {
    const given: unknown = options[name];
    if (given === undefined || typeof given === 'boolean') continue;
    throw invalid(`${name} is ${String(given)}. Write true or false, or leave it out.`);
  }
  if (state !== undefined && (typeof state !== 'string' || state === '')) {
    throw invalid('state is not the path of a file. Write one: "entra.state.json".');
  }
  if (tenants?.length === 0) throw invalid('tenants is empty. Name at least one, or remove the option.');
}

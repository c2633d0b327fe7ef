import { ownOptions } from '@entra-guard/core';
import type { Agents } from '../directory/agents.js';
import type { App, Apps } from '../directory/apps.js';
import type { B2cPolicies } from '../directory/b2c-policies.js';
import type { Groups } from '../directory/groups.js';
import { guidOf } from '../directory/guid.js';
import { invalidOption } from '../directory/invalid-option.js';
import type { ManagedIdentities } from '../directory/managed-identities.js';
import type { People } from '../directory/people.js';
import { rolesFor, scopesFor } from '../directory/permissions.js';
import type { Tenant, Tenants } from '../directory/tenants.js';
import { externalAuthority } from '../issuers.js';
import type { KeyRing } from '../keys/key-ring.js';
import { agentForHumanClaims, agentUserClaims, autonomousAgentClaims } from './agent-token.js';
import { type AppOnly, appOnlyClaims } from './app-only-token.js';
import { type B2cToken, b2cAppClaims, b2cUserClaims } from './b2c-token.js';
import type {
  AgentClaims,
  AppClaims,
  ClaimOverrides,
  IssuedToken,
  PolicyTarget,
  TokenPayload,
  TokenTarget,
  UserClaims,
} from './claims.js';
import { type Delegated, delegatedClaims } from './delegated-token.js';
import { exchangeClaims, TOKEN_EXCHANGE } from './exchange-token.js';
import { groupClaims } from './group-claims.js';
import { headerOf, signToken, type TokenHeader } from './jwt.js';
import { lifetimeFor, lifetimes, type Mint, type TokenVersion } from './token-envelope.js';

/** Name of the app that acts for a user, when a test names none. */
const unnamedClient = 'spa';

/** Members that are options and not claims. */
const options = new Set([
  'api',
  'tenant',
  'client',
  'guest',
  'onBehalfOf',
  'user',
  'blueprint',
  'policy',
  'external',
]);

/** What tokens are made from and signed with. */
export interface TokenSources extends Mint {
  readonly apps: Apps;
  readonly tenants: Tenants;
  readonly people: People;
  readonly keys: KeyRing;
  readonly managedIdentities: ManagedIdentities;
  readonly agents: Agents;
  readonly b2c: B2cPolicies;
  readonly groups: Groups;
}

/** Makes tokens by the name of a user or app. Synchronous, because the key exists already. */
export class TokenMaker {
  readonly #sources: TokenSources;

  constructor(sources: TokenSources) {
    this.#sources = sources;
  }

  user(name: string, claims: UserClaims = {}): IssuedToken {
    return this.sign(this.userPayload(name, claims), headerFor(claims));
  }

  /** Makes the claims that {@link user} signs. */
  userPayload(name: string, given: UserClaims): TokenPayload {
    const claims = ownOptions('entra.user(...)', given);
    const { apps } = this.#sources;
    const client = apps.client(claims.client ?? unnamedClient);
    if (claims.policy !== undefined) {
      const token = this.#ofPolicy(claims.policy, client, claims);
      const person = this.#sources.people.named(name, token.tenant);
      const scopes = scopesFor(token.api, scopeList(claims.scp));
      return overridden(b2cUserClaims(this.#sources, { ...token, scopes }, person), claims);
    }
    const credential = usualCredential(client, '0');
    const delegated = this.#delegated(name, claims, client.clientId, credential);
    return overridden(delegatedClaims(this.#mint(claims, delegated.tenant), delegated), claims);
  }

  app(name: string, claims: AppClaims = {}): IssuedToken {
    return this.sign(this.appPayload(name, claims), headerFor(claims));
  }

  /** Makes the claims that {@link app} signs. */
  appPayload(name: string, given: AppClaims): TokenPayload {
    const claims = ownOptions('entra.app(...)', given);
    const client = this.#sources.apps.client(name);
    if (claims.policy !== undefined) {
      const token = this.#ofPolicy(claims.policy, client, claims);
      const scopes = rolesFor(token.api, { kind: 'Application', name: client.name }, claims.roles);
      // Its permissions are in scp.
      return overridden(b2cAppClaims(this.#sources, { ...token, scopes }, client), {
        ...claims,
        roles: undefined,
      });
    }
    const credential = usualCredential(client, '1');
    const appOnly = this.#appOnly(client, claims, credential);
    return overridden(appOnlyClaims(this.#mint(claims, appOnly.tenant), appOnly), claims);
  }

  /** Returns what tokens are made with: for External ID, that authority. */
  #mint({ external }: TokenTarget, { id }: Tenant): Mint {
    const { authority, now } = this.#sources;
    return { authority: external === true ? externalAuthority(authority, id) : authority, now };
  }

  #ofPolicy(policy: string, { clientId }: App, claims: TokenTarget): Omit<B2cToken, 'scopes'> {
    const { apps, tenants, b2c } = this.#sources;
    return {
      api: apps.api(claims.api),
      tenant: tenants.named(claims.tenant),
      policy: b2c.named(policy),
      clientId,
    };
  }

  managedIdentity(name = 'managed-identity', given: AppClaims = {}): IssuedToken {
    const claims = ownOptions('entra.managedIdentity(...)', given);
    return this.tokenOfIdentity(this.#sources.managedIdentities.named(name), claims);
  }

  /** Makes a token of a managed identity, for an API or for workload identity federation. */
  tokenOfIdentity(identity: App, claims: AppClaims): IssuedToken {
    assertWithoutPolicy('managedIdentity', claims);
    if (claims.api === TOKEN_EXCHANGE) {
      const { api: _, ...others } = claims;
      return this.sign(overridden(exchangeClaims(this.#sources, identity), others));
    }
    const appOnly = this.#appOnly(identity, claims, '2', lifetimes.managedIdentity);
    return this.sign(overridden(appOnlyClaims(this.#sources, appOnly), claims));
  }

  agent(name = 'agent', given: AgentClaims = {}): IssuedToken {
    const claims = ownOptions('entra.agent(...)', given);
    assertWithoutPolicy('agent', claims);
    return this.sign(overridden(this.#agentClaims(name, claims), claims));
  }

  #agentClaims(name: string, claims: AgentClaims): Record<string, unknown> {
    const { apps } = this.#sources;
    const blueprintId = this.#sources.agents.blueprintOf(name, claims.blueprint).clientId;
    const agent = apps.client(name);
    if (claims.onBehalfOf !== undefined) {
      const delegated = this.#delegated(claims.onBehalfOf, claims, agent.clientId, '2');
      return agentForHumanClaims(this.#sources, delegated, blueprintId);
    }
    if (claims.user === true) {
      const account = this.#delegated(name, claims, agent.clientId, '2');
      const person = { ...account.person, oid: guidOf('agent-user', name) };
      return agentUserClaims(this.#sources, { ...account, person }, blueprintId);
    }
    const itself = { ...agent, oid: agent.clientId };
    return autonomousAgentClaims(
      this.#sources,
      this.#appOnly(itself, claims, '2', lifetimes.agent),
      blueprintId,
    );
  }

  /** Signs claims as they are, with the current key. The header is Entra's, overridden by the members of `header`. */
  sign(payload: TokenPayload, header: TokenHeader = {}): IssuedToken {
    const key = this.#sources.keys.current;
    return signToken(payload, { ...headerOf(key, payload), ...header }, key);
  }

  #delegated(name: string, claims: UserClaims, clientId: string, credential: '0' | '1' | '2'): Delegated {
    const { apps, tenants, people } = this.#sources;
    const api = apps.api(claims.api);
    const tenant = tenants.named(claims.tenant);
    const home = guestHome(claims.guest);
    const guestOf = home === undefined ? undefined : people.homeOf(home);
    const person = people.named(name, guestOf ?? tenant);
    return {
      groupClaims: groupClaims(this.#sources, { api, tenant, person }),
      api,
      tenant,
      version: versionOf(api, claims),
      lifetime: lifetimeFor(api),
      person,
      clientId,
      credential,
      scopes: scopesFor(api, scopeList(claims.scp)),
      roles: rolesFor(api, { kind: 'User', name: person.name }, claims.roles),
      guestOf,
    };
  }

  #appOnly(client: App, claims: AppClaims, credential: '1' | '2', lifetime?: number): AppOnly {
    const api = this.#sources.apps.api(claims.api);
    return {
      api,
      tenant: this.#sources.tenants.named(claims.tenant),
      version: versionOf(api, claims),
      lifetime: lifetime ?? lifetimeFor(api),
      clientId: client.clientId,
      oid: client.oid,
      credential,
      roles: rolesFor(api, { kind: 'Application', name: client.name }, claims.roles),
    };
  }
}

/** Returns the header of a token: that of a policy has no `x5t`, though its version is 1.0. */
function headerFor({ policy }: PolicyTarget): TokenHeader {
  return policy === undefined ? {} : { x5t: undefined };
}

/** @throws {LocalEntraError} `option_invalid`: Azure AD B2C has neither managed identities nor agents */
function assertWithoutPolicy(what: string, claims: ClaimOverrides): void {
  if (claims.policy === undefined && claims.external === undefined) return;
  throw invalidOption(
    `entra.${what}(...) has no policy and no external: managed identities and agents are Entra's. Use entra.user or entra.app.`,
  );
}

/** Overrides claims with those of the test. Options are left out, and so are claims that the test sets to `undefined`. */
export function overridden(claims: Record<string, unknown>, overrides: ClaimOverrides): TokenPayload {
  const result = { ...claims };
  for (const [name, value] of Object.entries(overrides)) {
    if (options.has(name)) continue;
    if (value === undefined || (name === 'roles' && Array.isArray(value) && value.length === 0))
      delete result[name];
    else result[name] = name === 'scp' && Array.isArray(value) ? value.join(' ') : value;
  }
  return result;
}

export function scopeList(scp: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '') : scp;
}

export function versionOf(api: App, claims: ClaimOverrides): TokenVersion {
  const version = claims.ver ?? `${api.registration.tokenVersion ?? 2}.0`;
  return version === '1.0' ? '1.0' : '2.0';
}

/** Tells how a client usually authenticates, as a value of `azpacr`. */
function usualCredential<None extends '0' | '1'>({ registration }: App, none: None): None | '1' | '2' {
  const { certificate, certificates = [], federatedCredentials = [], secret, secrets = [] } = registration;
  if (certificate !== undefined || certificates.length + federatedCredentials.length > 0) return '2';
  return secret !== undefined || secrets.length > 0 ? '1' : none;
}

function guestHome(guest: boolean | string | undefined): string | undefined {
  return guest === true ? 'fabrikam' : guest === false ? undefined : guest;
}

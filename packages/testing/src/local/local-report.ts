import { type App, Apps, isApi } from '../directory/apps.js';
import { ManagedIdentities } from '../directory/managed-identities.js';
import { People } from '../directory/people.js';
import { Tenants } from '../directory/tenants.js';
import type { LoopbackEntra } from '../local-entra.js';
import type { StartEntraOptions } from '../start-entra.js';

/** What a client or an API has to know of a local Entra on a port. */
export interface LocalReport {
  /** `http://localhost:8484` */
  readonly origin: string;
  readonly tenantId: string;
  /** The authority of clients and APIs: `{origin}/{tenantId}/v2.0`. */
  readonly authority: string;
  /** The OpenID Connect metadata. */
  readonly metadata: string;
  /** Base URL of Microsoft Graph, with `/v1.0`. */
  readonly graph: string;
  /** The page with users, apps, grants and the latest requests; `undefined` without pages. */
  readonly portal: string | undefined;
  readonly users: readonly ReportedUser[];
  readonly apis: readonly ReportedApi[];
  readonly clients: readonly ReportedClient[];
  /** User-assigned managed identities. */
  readonly managedIdentities: readonly { readonly name: string; readonly clientId: string }[];
  readonly agents: readonly {
    readonly name: string;
    readonly clientId: string;
    readonly blueprint: string;
  }[];
}

export interface ReportedUser {
  readonly name: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly objectId: string;
  readonly admin: boolean;
}

export interface ReportedApi {
  readonly name: string;
  readonly clientId: string;
  readonly applicationIdUri: string;
  readonly scopes: readonly string[];
  readonly appRoles: readonly string[];
}

export interface ReportedClient {
  readonly name: string;
  readonly clientId: string;
  readonly platform: 'web' | 'spa' | 'public';
  /** A secret that it may use; `undefined` for `spa` and `public`. Any secret is accepted of a client without a credential. */
  readonly secret: string | undefined;
}

/** Lists what the options declare. */
export function reportOf(entra: LoopbackEntra, options: StartEntraOptions): LocalReport {
  const apps = new Apps(options.apps);
  const { home } = new Tenants(options.tenants);
  const people = new People(options.users);
  const { origin, authority, tenantId, graph } = entra;
  return {
    origin,
    tenantId,
    authority,
    metadata: `${authority}/.well-known/openid-configuration`,
    graph,
    portal: options.pages === true ? `${origin}/portal` : undefined,
    users: people.told.map((name) => {
      const person = people.named(name, home);
      return {
        name,
        displayName: person.displayName,
        userPrincipalName: person.upn,
        objectId: person.oid,
        admin: people.isAdmin(person),
      };
    }),
    apis: apps.told.filter(isApi).map((app) => ({
      name: app.name,
      clientId: app.clientId,
      applicationIdUri: app.applicationIdUri,
      scopes: app.registration.scopes ?? [],
      appRoles: Object.keys(app.registration.appRoles ?? {}),
    })),
    clients: apps.told.filter((app) => !isApi(app)).map(reportedClient),
    managedIdentities: Object.keys(options.managedIdentities ?? {}).map((name) => ({
      name,
      clientId: new ManagedIdentities(apps, options.managedIdentities).named(name).clientId,
    })),
    agents: Object.entries(options.agents ?? {}).map(([name, { blueprint }]) => ({
      name,
      clientId: apps.client(name).clientId,
      blueprint,
    })),
  };
}

function reportedClient({ name, clientId, registration }: App): ReportedClient {
  const { platform = 'web', secret, secrets = [] } = registration;
  return {
    name,
    clientId,
    platform,
    secret: platform === 'web' ? (secret ?? secrets[0]?.value ?? 'local-secret') : undefined,
  };
}

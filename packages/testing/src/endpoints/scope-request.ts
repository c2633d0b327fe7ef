import { type App, type Apps, graphClientId } from '../directory/apps.js';
import { isGraph } from '../directory/graph-app.js';
import { scopesFor } from '../directory/permissions.js';
import { OAuthError } from './oauth-error.js';

/** The `scope` parameter of a request, parsed. */
export interface ScopeRequest {
  /** The API that the access token is for. */
  readonly api: App;
  /** Short names, or `undefined` for `.default`, which asks for all scopes. */
  readonly scopes: readonly string[] | undefined;
  /** The prefix of the scopes as the client wrote it, with its slash. Empty for Graph's short names. */
  readonly prefix: string;
  readonly openid: boolean;
  readonly offline: boolean;
}

const oidcScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/**
 * Parses a `scope` parameter.
 * @throws {OAuthError} for more than one resource, for none, and for one that does not exist
 */
export function parseScope(apps: Apps, scope: string): ScopeRequest {
  const asked = scope.split(' ').filter((one) => one !== '');
  if (asked.length === 0) {
    throw new OAuthError(
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'scope'.",
    );
  }
  const resourceScopes = asked.filter((one) => !oidcScopes.has(one)).map(split);
  const [first, ...others] = resourceScopes;
  const oidc = { openid: asked.includes('openid'), offline: asked.includes('offline_access') };
  const signIn = asked.filter((one) => oidcScopes.has(one) && one !== 'offline_access');
  if (first === undefined)
    return { api: apps.graph, scopes: signIn.length > 0 ? signIn : asked, prefix: '', ...oidc };
  if (others.some(({ prefix }) => prefix !== first.prefix)) {
    throw new OAuthError(
      'invalid_request',
      28000,
      `Provided value for the input parameter scope is not valid because it contains more than one resource: ${scope}.`,
    );
  }
  const names = resourceScopes.map(({ name }) => name);
  const api = resourceOf(apps, first.prefix, names);
  // Tokens for Graph, which has userinfo, carry the scopes of the sign-in too.
  const scopes = api.clientId === graphClientId ? [...names, ...signIn] : names;
  return { api, scopes: names.includes('.default') ? undefined : scopes, prefix: first.prefix, ...oidc };
}

/** Reads a `scope` parameter for consent: an entry for the API, and one for what the sign-in itself asks of Microsoft Graph. */
export function parseWants(apps: Apps, scope: string): readonly ScopeRequest[] {
  const main = parseScope(apps, scope);
  const oidc = scope.split(' ').filter((one) => oidcScopes.has(one));
  if (oidc.length === 0) return [main];
  if (main.api.clientId === graphClientId && main.scopes !== undefined) {
    return [{ ...main, scopes: [...new Set([...main.scopes, ...oidc])] }];
  }
  return [main, { ...parseScope(apps, oidc.join(' ')), scopes: oidc }];
}

/** Returns the scopes of the token: those asked for, or with `.default` all that the API has. */
export function grantedScopes({ api, scopes }: ScopeRequest): readonly string[] {
  return scopesFor(api, scopes ?? (api.registration.scopes?.length ? api.registration.scopes : undefined));
}

/** Returns the `scope` of the response. It repeats `.default`, by which MSAL finds the token in its cache. */
export function responseScope(request: ScopeRequest, scopes: readonly string[]): string {
  const granted = scopes.map((name) => (oidcScopes.has(name) ? name : request.prefix + name));
  return [...granted, ...(request.scopes === undefined ? [`${request.prefix}.default`] : [])].join(' ');
}

function split(scope: string): { prefix: string; name: string } {
  const end = scope.lastIndexOf('/') + 1;
  return { prefix: scope.slice(0, end), name: scope.slice(end) };
}

function resourceOf(apps: Apps, prefix: string, names: readonly string[]): App {
  const resource = prefix.slice(0, -1);
  if (isGraph(resource)) return apps.graph;
  if (resource !== '') return apps.api(resource);
  for (const name of names) {
    const owner = apps.told.find(({ registration }) => registration.scopes?.includes(name));
    if (owner !== undefined) {
      throw new OAuthError(
        'invalid_scope',
        650053,
        `The application asked for scope '${name}' that doesn't exist on the resource '${graphClientId}' (Microsoft Graph, because no API is named). Ask for ${owner.applicationIdUri}/${name}.`,
      );
    }
  }
  return apps.graph;
}

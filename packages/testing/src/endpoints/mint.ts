import { LocalEntraError } from '../error.js';
import type { IssuedToken } from '../tokens/claims.js';
import { json } from './answers.js';
import type { Call, EntraServices } from './call.js';
import { type MintRequest, MintRequestError, readMintRequest } from './mint-request.js';
import { isOwnOrigin } from './own-origin.js';

/** What the endpoint answers. */
export interface MintedToken {
  readonly token: string;
  /** ISO 8601. */
  readonly expires: string;
  /** What the caller should know, such as that the directory does not declare the name. */
  readonly note?: string;
}

/**
 * Answers `POST /entra-guard/token` with a token for the user or app that is named: pages and `entra-guard token` ask here. Entra has no
 * such endpoint. A page of another origin can't use it: its `Origin` is refused, and so is the preflight that JSON needs.
 */
export async function mint({ entra, request }: Call): Promise<Response> {
  const origin = request.headers.get('origin');
  if (origin !== null && !isOwnOrigin(origin, entra.authority)) {
    return refusal(
      403,
      'origin_refused',
      `The page at ${origin === '' ? 'an unknown address' : origin} can't get tokens here. Ask from a terminal: entra-guard token.`,
    );
  }
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return refusal(415, 'content_type_refused', 'Send JSON, with the content type application/json.');
  }
  try {
    return json(minted(entra, readMintRequest(await request.text())), 200, uncached);
  } catch (error) {
    if (error instanceof MintRequestError) return refusal(400, 'request_invalid', error.message);
    if (error instanceof LocalEntraError) return refusal(400, error.code, error.message);
    throw error;
  }
}

const uncached = { 'cache-control': 'no-store' };

function refusal(status: number, error: string, message: string): Response {
  return json({ error, message }, status, uncached);
}

/**
 * Makes the token.
 * @throws {LocalEntraError} for what Entra would not give
 */
export function minted(entra: EntraServices, request: MintRequest): MintedToken {
  const { token, claims } = issued(entra, request);
  const note = noteOn(entra, request);
  return {
    token,
    expires: new Date(Number(claims.exp) * 1000).toISOString(),
    ...(note === undefined ? {} : { note }),
  };
}

function issued({ maker }: EntraServices, request: MintRequest): IssuedToken {
  const { as, app, managedIdentity, agent, onBehalfOf, ownAccount, scopes, ...given } = request;
  // A member that is `undefined` would take the claim away.
  const claims = { ...given, ...(scopes === undefined ? {} : { scp: scopes }) };
  if (as !== undefined) return maker.user(as, claims);
  if (app !== undefined) return maker.app(app, claims);
  if (agent !== undefined) {
    return maker.agent(agent, {
      ...claims,
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      ...(ownAccount === undefined ? {} : { user: true }),
    });
  }
  return maker.managedIdentity(managedIdentity === true ? undefined : managedIdentity, claims);
}

/** Says that a name is not declared: a token for any name is a feature, and a misspelt name is not. */
function noteOn(entra: EntraServices, request: MintRequest): string | undefined {
  const { as, app, managedIdentity, agent, onBehalfOf = as } = request;
  const told = (names: readonly string[], one: string) => names.length === 0 || names.includes(one);
  if (agent !== undefined && entra.agents.find(agent) === undefined) return undeclared('agent', agent);
  if (
    onBehalfOf !== undefined &&
    !told(entra.people.told, entra.people.named(onBehalfOf, entra.tenants.home).name)
  ) {
    return undeclared('user', onBehalfOf);
  }
  if (app !== undefined && entra.apps.told.length > 0 && !entra.apps.client(app).told)
    return undeclared('app', app);
  if (typeof managedIdentity === 'string') {
    const query = { clientId: managedIdentity, objectId: null, resourceId: null };
    if (entra.managedIdentities.find(query) === undefined)
      return undeclared('managed identity', managedIdentity);
  }
  return undefined;
}

function undeclared(kind: string, name: string): string {
  return `The directory declares no ${kind} "${name}", and any name is ${kind === 'app' || kind === 'agent' ? 'an' : 'a'} ${kind}.`;
}

import { randomUUID } from 'node:crypto';
import type { GraphCallers } from '@entra-guard/core/testing';
import type { EntraServices } from '../endpoints/call.js';
import { assertStillSignedIn, callersOf, refusalOf } from './callers.js';
import type { GraphState } from './graph-call.js';
import { errorAnswer, faultAnswer, GraphError, missing } from './graph-error.js';
import { handlers } from './handlers.js';
import { assertAllowed } from './needs.js';
import { findRoute, readPath } from './paths.js';
import { permissionTable } from './permission-table.js';
import { readOptionsOf } from './query.js';
import { Subscriptions } from './subscriptions.js';
import { userNamed } from './users-in-directory.js';

export { faultAnswer };

interface LocalGraph extends GraphState {
  readonly callers: GraphCallers;
}

/** One local Graph for each local Entra, from its first request on. */
const graphs = new WeakMap<EntraServices, LocalGraph>();

function graphOf(entra: EntraServices): LocalGraph {
  const known = graphs.get(entra);
  if (known !== undefined) return known;
  const callers = callersOf(entra);
  entra.closed.addEventListener('abort', () => callers.close());
  const made = {
    instance: randomUUID(),
    startedAt: entra.now(),
    subscriptions: new Subscriptions(entra),
    callers,
  };
  graphs.set(entra, made);
  return made;
}

/** Answers a request below `/v1.0` as Microsoft Graph does. */
export async function answerGraph(entra: EntraServices, request: Request, url: URL): Promise<Response> {
  try {
    const answer = await answered(entra, request, url);
    answer.headers.set('request-id', randomUUID());
    return answer;
  } catch (error) {
    if (error instanceof GraphError) return errorAnswer(error, { request, now: entra.now() });
    throw error;
  }
}

async function answered(entra: EntraServices, request: Request, url: URL): Promise<Response> {
  const { callers, ...state } = graphOf(entra);
  const { segments, cast } = readPath(url.pathname);
  const { method } = request;
  const placeholder = '{me}';
  const route = findRoute(method, segments, placeholder);
  if (route === undefined) throw missing(`request ${method} /${segments.join('/')}`);
  const auth = await callers.authenticate(request).catch((error: unknown) => {
    throw refusalOf(error);
  });
  assertStillSignedIn(entra, auth);
  const { name } = route;
  const me = segments[0] === 'me';
  if (me && auth.kind !== 'user') {
    throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
  }
  const user = route.params.user === placeholder ? (auth.objectId ?? '') : route.params.user;
  const params = user === undefined ? route.params : { ...route.params, user };
  const own = me || (auth.kind === 'user' && user !== undefined && isCaller(entra, user, auth.objectId));
  assertAllowed(auth, { what: name, needs: permissionTable[name], own, now: entra.now() });
  const base = `${entra.authority.graphOrigin}/v1.0`;
  const options = readOptionsOf(url);
  return handlers[name]({ entra, state, auth, request, url, base, options, params, cast, own });
}

/** Whether a path names the caller. A name that is unknown does not: who may not look for users does not learn that. */
function isCaller(entra: EntraServices, user: string, oid: string | undefined): boolean {
  try {
    return userNamed(entra, user).oid === oid;
  } catch (error) {
    if (error instanceof GraphError) return false;
    throw error;
  }
}

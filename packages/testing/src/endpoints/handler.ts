import type { RequestKind, RequestRecord } from '../requests.js';
import { html, json, openToAll } from './answers.js';
import { authorize } from './authorize.js';
import { b2cRoutes } from './b2c.js';
import type { Call, EntraServices } from './call.js';
import { allowedOrigin } from './cors.js';
import { deviceAuth, deviceCode } from './device-code.js';
import type { Fault } from './faults.js';
import { instanceMetadataToken, managedIdentityToken } from './managed-identity.js';
import { instanceMetadata, v1Keys, v1Metadata, v2Keys, v2Metadata } from './metadata.js';
import { asOAuthError, OAuthError } from './oauth-error.js';
import { type Place, placeOf } from './place.js';
import { refusal } from './refusal.js';
import type { Route } from './route.js';
import { token } from './token.js';
import { userinfo } from './userinfo.js';

export type Handler = (request: Request) => Promise<Response>;

/** Thrown where a connection should break. Transports turn it into a network failure. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

/** Number of requests kept on record. A local Entra may run for weeks on a port. */
const recordLimit = 10_000;

const notFound = ({ url }: Pick<Call, 'url'>): Response =>
  json({ error: 'not_found', error_description: `No such endpoint: ${url.pathname}` }, 404);

const routes: readonly Route[] = [
  {
    what: 'other',
    path: /^\/common\/discovery\/instance$/,
    methods: ['GET'],
    answer: ({ entra }) => json(instanceMetadata(entra.authority), 200, openToAll),
  },
  {
    what: 'metadata',
    path: /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/,
    methods: ['GET'],
    answer: ({ entra, tenant, url }) =>
      json(v2Metadata(entra, tenant, url.searchParams.get('appid')), 200, openToAll),
  },
  {
    what: 'metadata',
    path: /^\/([^/]+)\/\.well-known\/openid-configuration$/,
    methods: ['GET'],
    answer: ({ entra, tenant, url }) =>
      json(v1Metadata(entra, tenant, url.searchParams.get('appid')), 200, openToAll),
  },
  {
    what: 'keys',
    path: /^\/([^/]+)\/discovery\/v2\.0\/keys$/,
    methods: ['GET'],
    answer: ({ entra, tenant }) =>
      json(v2Keys(entra.authority, entra.tenants, entra.keys, tenant), 200, openToAll),
  },
  {
    what: 'keys',
    path: /^\/([^/]+)\/discovery\/keys$/,
    methods: ['GET'],
    answer: ({ entra }) => json(v1Keys(entra.keys), 200, openToAll),
  },
  { what: 'token', path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?token$/, methods: ['POST'], answer: token },
  {
    what: 'authorize',
    path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?authorize$/,
    methods: ['GET'],
    answer: authorize,
  },
  {
    what: 'other',
    path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?logout$/,
    methods: ['GET'],
    answer: () => html('<p>Signed out of the local Entra.</p>'),
  },
  {
    what: 'other',
    path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?devicecode$/,
    methods: ['POST'],
    answer: deviceCode,
  },
  {
    what: 'other',
    path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?deviceauth$/,
    methods: ['GET'],
    answer: deviceAuth,
  },
  { what: 'userinfo', path: /^\/oidc\/userinfo$/, methods: ['GET', 'POST'], host: 'graph', answer: userinfo },
  { what: 'managed-identity', path: /^\/msi\/token$/, methods: ['GET'], answer: managedIdentityToken },
  {
    what: 'managed-identity',
    // MSAL asks with the slash.
    path: /^\/metadata\/identity\/oauth2\/token\/?$/,
    methods: ['GET'],
    answer: instanceMetadataToken,
  },
  {
    what: 'other',
    path: /^\/entra-guard\/token$/,
    methods: ['POST'],
    // In process, code mints. Loaded on first use, because few ask.
    answer: async (call) =>
      call.entra.authority.inProcess ? notFound(call) : (await import('./mint.js')).mint(call),
  },
  {
    what: 'graph',
    path: /^\/(?:v1\.0|beta)(?:\/|$)/,
    methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    host: 'graph',
    answer: async ({ entra, request, url }) => {
      const { answerGraph } = await loadGraph();
      return answerGraph(entra, request, url);
    },
  },
];

/** Loads the local Microsoft Graph, which most tests do without. */
async function loadGraph() {
  return import('../graph/answer-graph.js');
}

/** Pages for people, next to the endpoints for programs. */
export interface Pages {
  /** Their addresses, which take the place of others. */
  readonly routes: readonly Route[];
  /** Told what a request for a token is answered. */
  seen(record: RequestRecord, response: Response): Promise<void>;
}

/** Answers requests as Entra does, with the active faults. Rejects only where the connection should break. */
export function createHandler(services: EntraServices, pages: Pages | undefined): Handler {
  const all = [...b2cRoutes, ...(pages?.routes ?? []), ...routes];
  return async (request) => {
    const place = placeOf(services, new URL(request.url));
    const route = place === undefined ? undefined : all.find((one) => isAt(one, place));
    const seen = record(services, request, route?.what ?? 'other');
    if (place === undefined || route === undefined) return notFound({ url: new URL(request.url) });
    const { entra, url } = place;
    const cors = corsOf(entra, request, route.what);
    if (request.method === 'OPTIONS') return preflight(request, cors);
    const method = methodOf(request, route);
    if (!route.methods.includes(method)) {
      return json({ error: 'method_not_allowed' }, 405, { allow: route.methods.join(', ') });
    }
    const fault = entra.faults.next(route.what);
    if (fault !== undefined) {
      if (route.what === 'graph' && typeof fault.fault === 'number' && fault.fault >= 400) {
        const { faultAnswer } = await loadGraph();
        return faultAnswer(fault.fault, { ...cors, ...fault.headers }, { request, now: entra.now() });
      }
      return failed(fault.fault, fault.headers, request, entra);
    }
    const tenant = route.path.exec(url.pathname)?.[1] ?? 'common';
    const answer = await answered(route, { entra, request, url, tenant });
    for (const [name, value] of Object.entries(cors)) answer.headers.set(name, value);
    if (giveTokens.has(route.what)) await pages?.seen(seen, answer);
    return method === request.method ? answer : new Response(null, answer);
  };
}

/** Returns the method, which is GET for a HEAD of what is public. A HEAD of a sign-in would have effects. */
function methodOf({ method }: Request, { what }: Route): string {
  return method === 'HEAD' && (what === 'metadata' || what === 'keys') ? 'GET' : method;
}

function isAt({ host = 'entra', path, when }: Route, { entra, url, hosts }: Place): boolean {
  return hosts.includes(host) && path.test(url.pathname) && (when === undefined || when(entra, url));
}

/** The kinds of endpoints that give tokens. */
const giveTokens: ReadonlySet<RequestKind> = new Set(['token', 'managed-identity']);

function record(
  { requests, now }: EntraServices,
  { method, url }: Request,
  what: RequestKind,
): RequestRecord {
  if (requests.length >= recordLimit) requests.shift();
  const entry = { method, url, at: now(), what };
  requests.push(entry);
  return entry;
}

async function answered(route: Route, call: Call): Promise<Response> {
  try {
    return await route.answer(call);
  } catch (error) {
    return refusal(asOAuthError(error), call.request, call.entra.now());
  }
}

/** Returns the CORS headers. Only the token endpoint checks the origin: the rest is public, needs a token, or is not for scripts. */
function corsOf(entra: EntraServices, request: Request, what: RequestKind): Readonly<Record<string, string>> {
  // A page can't have a token for Graph unless it was given one.
  if (['metadata', 'keys', 'userinfo', 'graph'].includes(what)) return openToAll;
  const origin = request.headers.get('origin');
  if (what !== 'token' || origin === null || !allowedOrigin(entra.apps, origin)) return {};
  return { 'access-control-allow-origin': origin, vary: 'origin' };
}

function preflight(request: Request, cors: Readonly<Partial<Record<string, string>>>): Response {
  if (cors['access-control-allow-origin'] === undefined) return new Response(null, { status: 403 });
  const headers = request.headers.get('access-control-request-headers');
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS',
      ...(headers === null ? {} : { 'access-control-allow-headers': headers }),
    },
  });
}

async function failed(
  fault: Fault,
  headers: Readonly<Record<string, string>>,
  request: Request,
  entra: EntraServices,
): Promise<Response> {
  if (fault === 'garbage') return html('<h1>Sorry, but we’re having trouble.</h1>');
  if (fault === 'disconnect') throw new Disconnected('The connection was closed, as asked with fail(…).');
  if (fault === 'hang') return hang(request.signal, entra.closed);
  if (fault === 204 || fault === 205 || fault === 304) return new Response(null, { status: fault, headers });
  const error = new OAuthError(
    'temporarily_unavailable',
    90033,
    'A transient error has occurred. Please try again.',
    fault,
  );
  const answer = refusal(error, request, entra.now());
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}

/** Never answers; rejects when the request is aborted, or the local Entra closed. */
export async function hang(aborted: AbortSignal, closed: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => {
    const end = () => {
      aborted.removeEventListener('abort', end);
      closed.removeEventListener('abort', end);
      reject(aborted.aborted ? aborted.reason : new Disconnected('The local Entra was closed.'));
    };
    if (aborted.aborted || closed.aborted) {
      end();
      return;
    }
    aborted.addEventListener('abort', end);
    closed.addEventListener('abort', end);
  });
}

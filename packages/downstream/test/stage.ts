import type { INetworkModule } from '@azure/msal-node';
import {
  type AuthContext,
  createGuard,
  type Guard,
  type GuardOptions,
  type RequestLike,
} from '@entra-guard/core';
import { type InProcessEntra, type StartEntraOptions, startEntra } from '@entra-guard/testing';
import {
  type ApiOptions,
  type ClientCredential,
  createDownstream,
  type DownstreamOptions,
  secretFrom,
} from '../src/index.js';

export const SECRET = 'local-secret-of-orders';
export const STOCK = 'https://stock.contoso.example/v1';

/** One request that the stock API got. */
export interface Received {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  /** Whose token came, as the guard of the stock API says. */
  readonly auth: AuthContext;
}

export type Answer = (request: Received) => Response | Promise<Response>;

/** A request that a guard has accepted. */
export type Accepted = RequestLike & { readonly headers: Record<string, string | undefined> };

export interface Stage {
  readonly entra: InProcessEntra;
  readonly guard: Guard;
  /** What the stock API got. */
  readonly received: Received[];
  /** Forms that were sent to token endpoints. */
  readonly forms: URLSearchParams[];
  /** How the stock API answers. */
  answer: Answer;
  /** Answers in place of the token endpoint. */
  intercept: ((url: string, init: RequestInit | undefined) => Response | Promise<Response>) | undefined;
  /** Reaches the local Entra and the stock API. */
  readonly fetch: typeof globalThis.fetch;
  /** For MSAL, which otherwise asks the network. */
  readonly network: INetworkModule;
  /** Another guard of the orders API. */
  guarded(changes: Partial<GuardOptions>): Guard;
  /** Moves the clock of everything, in milliseconds. */
  pass(milliseconds: number): void;
  now(): number;
  /** A request of a user that the guard has accepted. */
  accepted(user: string, claims?: object, by?: Guard): Promise<Accepted>;
  downstream(
    changes?: Partial<DownstreamOptions<'stock'>>,
    api?: Partial<ApiOptions>,
  ): ReturnType<typeof createDownstream<'stock'>>;
}

/** The orders API between its callers and the stock API, with a local Entra in process. */
export async function stage(
  options: Partial<StartEntraOptions> = {},
  { manyTenants = false }: { readonly manyTenants?: boolean } = {},
): Promise<Stage> {
  let at = Date.now();
  const now = () => at;
  const entra = await startEntra({
    now,
    apps: {
      orders: { secret: SECRET, scopes: ['Orders.Read'], appRoles: { 'Orders.Read.All': ['Application'] } },
      stock: {
        scopes: ['Stock.Read'],
        appRoles: { 'Stock.Read.All': ['Application'] },
        assignments: { orders: ['Stock.Read.All'] },
      },
    },
    ...options,
  } as StartEntraOptions & { port?: never });
  const tenants = ['contoso', 'fabrikam'];
  const trusted = (app: string) => (manyTenants ? entra.options(app, { tenants }) : entra.options(app));
  const received: Received[] = [];
  const forms: URLSearchParams[] = [];
  const stockGuard = createGuard({ ...trusted('stock'), log: false });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith('https://stock.contoso.example/')) {
      if (request.method === 'POST') {
        forms.push(new URLSearchParams(await request.clone().text()));
        if (made.intercept !== undefined) return made.intercept(request.url, init);
      }
      return entra.fetch(request);
    }
    const headers = request.headers;
    const auth = await stockGuard.authenticate({
      headers: { authorization: headers.get('authorization') ?? '' },
    });
    const one = { url: request.url, method: request.method, headers, body: await request.text(), auth };
    received.push(one);
    return made.answer(one);
  };
  const viaFetch = async (url: string, init: RequestInit) => {
    const response = await fetch(url, init);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as never,
    };
  };
  const network: INetworkModule = {
    sendGetRequestAsync: (url, options) =>
      viaFetch(url, { ...(options?.headers && { headers: options.headers }) }),
    sendPostRequestAsync: (url, options) =>
      viaFetch(url, {
        method: 'POST',
        body: options?.body ?? '',
        ...(options?.headers && { headers: options.headers }),
      }),
  };
  const guarded = (changes: Partial<GuardOptions>) =>
    createGuard({ ...trusted('orders'), fetch, log: false, ...changes } as GuardOptions);
  const guard = guarded({});
  const made: Stage = {
    entra,
    guard,
    received,
    forms,
    now,
    answer: ({ auth }) => Response.json({ for: auth.objectId, tenant: auth.tenantId }),
    pass: (milliseconds) => {
      at += milliseconds;
    },
    fetch,
    network,
    intercept: undefined,
    guarded,
    accepted: async (user, claims = {}, by = guard) => {
      const { headers } = entra.user(user, { api: 'orders', scp: 'Orders.Read', ...claims });
      const request = { headers: { ...headers } as Record<string, string | undefined> };
      await by.authenticate(request);
      return request;
    },
    downstream: (changes = {}, api = {}) =>
      createDownstream({
        guard,
        credential: secretFrom(() => SECRET),
        apis: {
          stock: {
            baseUrl: STOCK,
            scopes: [`${appIdUri(entra)}/Stock.Read`],
            appScope: `${appIdUri(entra)}/.default`,
            ...api,
          },
        },
        ...changes,
      }),
  };
  return made;
}

const appIdUri = (entra: InProcessEntra): string => `api://${entra.options('stock').clientId}`;

export const credential: ClientCredential = secretFrom(() => SECRET);

export async function errorOf(
  act: () => unknown,
): Promise<Error & { readonly code?: string; readonly status?: number }> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

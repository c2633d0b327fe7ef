import { ConfidentialClientApplication } from '@azure/msal-node';
import type { RequestLike } from '@entra-guard/core';
import { createGuard } from '@entra-guard/core';
import { createDownstream, keyRing, type SealedStore, sealed, secretFrom } from '@entra-guard/downstream';
import { redisTokens } from '@entra-guard/redis';
import type { InProcessEntra } from '@entra-guard/testing';
import { createClient } from 'redis';

export const SECRET = 'secret-of-orders';

/** A user whose token the API was called with. */
export interface Caller {
  readonly token: string;
  readonly request: RequestLike;
}

/** Gets tokens for another API on behalf of callers. */
export interface Getter {
  /** What is done before a token is needed, as the guard does that lets the caller in. */
  prepare(caller: Caller): Promise<unknown>;
  token(caller: Caller): Promise<string>;
  /** Forgets what was got, so that all callers are new. */
  forget(): void;
  close(): void;
}

/** Where a getter finds what it needs. */
export interface OtherApi {
  readonly entra: InProcessEntra;
  readonly scope: string;
  /** Of the Redis. */
  readonly port: number;
  /** Answers token requests. Default: the local Entra. */
  readonly fetch?: typeof fetch;
}

async function guarded(
  { entra, scope, fetch }: OtherApi,
  memory: number,
  store?: SealedStore,
): Promise<Getter> {
  const guard = createGuard({ ...entra.options('orders'), ...(fetch && { fetch }), log: false });
  const made = () =>
    createDownstream({
      guard,
      credential: secretFrom(() => SECRET),
      apis: { stock: { baseUrl: 'https://stock.contoso.example', scopes: [scope] } },
      memory: { maxEntries: memory },
      ...(store && { store }),
    });
  let downstream = made();
  return {
    prepare: ({ request }) => guard.authenticate(request),
    token: async ({ request }) => (await downstream.apis.stock.forCaller(request).token()).token,
    forget: () => {
      void downstream.close();
      downstream = made();
    },
    close: () => guard.close(),
  };
}

/** By name: how each gets tokens. */
export const getters = {
  'entra-guard, from the memory': (api: OtherApi) => guarded(api, 10_000),
  // A memory of nothing, so that each token comes from Redis and is opened anew.
  'entra-guard, from the store': async (api: OtherApi) => {
    const client = createClient({ socket: { host: '127.0.0.1', port: api.port } });
    client.on('error', () => {});
    await client.connect();
    const ring = keyRing([{ id: 'bench', secret: Buffer.alloc(32, 7) }]);
    const getter = await guarded(api, 0, sealed(redisTokens(client), ring));
    return { ...getter, close: () => client.destroy() };
  },
  'entra-guard, by an exchange': (api: OtherApi) => guarded(api, 10_000),
  'MSAL Node, from its cache': (api: OtherApi) => msal(api),
  'MSAL Node, from its cache, one caller': (api: OtherApi) => msal(api),
  'MSAL Node, by an exchange': (api: OtherApi) => msal(api),
  'form POST alone': async ({ entra, scope }: OtherApi): Promise<Getter> => {
    const url = `${entra.origin}/${entra.tenantId}/oauth2/v2.0/token`;
    return {
      prepare: async () => {},
      token: async ({ token }) => {
        const answer = await entra.fetch(url, {
          method: 'POST',
          body: new URLSearchParams({
            client_id: entra.clientIdOf('orders'),
            client_secret: SECRET,
            grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
            requested_token_use: 'on_behalf_of',
            assertion: token,
            scope,
          }),
        });
        return ((await answer.json()) as { readonly access_token: string }).access_token;
      },
      forget: () => {},
      close: () => {},
    };
  },
} as const satisfies Readonly<Record<string, (api: OtherApi) => Promise<Getter>>>;

export type GetterName = keyof typeof getters;

async function msal({ entra, scope }: OtherApi): Promise<Getter> {
  const made = () => new ConfidentialClientApplication(entra.msal('orders'));
  let application = made();
  return {
    prepare: async () => {},
    token: async ({ token }) => {
      const answer = await application.acquireTokenOnBehalfOf({ oboAssertion: token, scopes: [scope] });
      return answer?.accessToken ?? '';
    },
    // Its cache is searched entry by entry: a new one each round is the best case.
    forget: () => {
      application = made();
    },
    close: () => {},
  };
}

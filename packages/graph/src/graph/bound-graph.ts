/**
 * A way to Microsoft Graph that brings its own tokens, such as an API of `@entra-guard/downstream` that calls as the application.
 * Paths begin with `/` and are below the base path: `/users/delta`.
 */
export interface BoundGraph {
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** Sends a request to Microsoft Graph. */
export interface Transport {
  send(path: string, init: RequestInit): Promise<Response>;
  /**
   * Returns the path of a link that Graph has answered, so that it goes to the same place as everything else.
   *
   * @returns `undefined` for a link to anywhere else
   */
  pathOf(link: string): string | undefined;
}

/** Reaches Graph through an API that has its tokens. */
export function overApi(api: BoundGraph): Transport {
  return {
    send: (path, init) => api.fetch(path, init),
    // The API adds its own origin and base path, whatever those of the link are.
    pathOf: (link) => {
      const url = urlFrom(link);
      const at = url?.pathname.indexOf('/users/') ?? -1;
      return url === undefined || at < 0 ? undefined : `${url.pathname.slice(at)}${url.search}`;
    },
  };
}

/** What {@link overUrl} needs. */
export interface Base {
  /** Without a slash at its end. */
  readonly url: string;
  readonly getToken: () => Promise<string>;
  readonly fetch: typeof globalThis.fetch;
}

/** Reaches Graph at a base URL. The token goes below that, and nowhere else. */
export function overUrl({ url, getToken, fetch }: Base): Transport {
  return {
    send: async (path, init) => {
      const token: unknown = await getToken();
      if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
        throw new Error(
          `getToken() gave ${typeof token === 'string' ? 'text that is not a token' : typeof token}.`,
        );
      }
      const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` };
      return fetch(`${url}${path}`, { ...init, headers });
    },
    pathOf: (link) => {
      const href = urlFrom(link)?.href;
      return href?.startsWith(`${url}/`) ? href.slice(url.length) : undefined;
    },
  };
}

function urlFrom(link: string): URL | undefined {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.username === '' && url.password === '' && url.hash === '' ? url : undefined;
}

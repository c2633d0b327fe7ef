/** A network client for MSAL, structurally its `INetworkModule`. */
export interface MsalNetworkClient {
  sendGetRequestAsync<T>(
    url: string,
    options?: MsalRequestOptions,
    timeout?: number,
  ): Promise<MsalResponse<T>>;
  sendPostRequestAsync<T>(url: string, options?: MsalRequestOptions): Promise<MsalResponse<T>>;
}

export interface MsalRequestOptions {
  headers?: Record<string, string>;
  body?: string;
}

export interface MsalResponse<T> {
  headers: Record<string, string>;
  body: T;
  status: number;
}

/** Configuration for `new ConfidentialClientApplication(…)` of `@azure/msal-node`. */
export interface MsalConfiguration {
  auth: {
    clientId: string;
    clientSecret: string;
    authority: string;
    knownAuthorities?: string[];
    authorityMetadata?: string;
  };
  system?: { networkClient: MsalNetworkClient };
}

/** Makes a network client that sends MSAL's requests through a `fetch`. */
export function msalNetworkClient(fetchOf: typeof fetch): MsalNetworkClient {
  const send = async <T>(url: string, init: RequestInit): Promise<MsalResponse<T>> => {
    const response = await fetchOf(url, init);
    return {
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as T,
      status: response.status,
    };
  };
  return {
    sendGetRequestAsync: async <T>(url: string, options: MsalRequestOptions = {}, timeout?: number) =>
      send<T>(url, {
        method: 'GET',
        headers: options.headers ?? {},
        ...(timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }),
      }),
    sendPostRequestAsync: async <T>(url: string, options: MsalRequestOptions = {}) =>
      send<T>(url, { method: 'POST', headers: options.headers ?? {}, body: options.body ?? '' }),
  };
}

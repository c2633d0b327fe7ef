import type { AuthContext, RequestLike } from '@entra-guard/core';
import { headerOf } from '../message/headers.js';

/** What the SDKs hand to tools about a caller: `AuthInfo` of both lines. It is for reading: `authOf(...)` gives the caller itself. */
export interface AuthInfo {
  /** Empty, unless `exposeToken` is `true`. */
  token: string;
  /** The client application (`azp`). */
  clientId: string;
  /** Delegated permissions, short names. */
  scopes: string[];
  /** When the token expires, in seconds since the epoch, as the SDKs count. */
  expiresAt: number;
  /** The server's URL. */
  resource: URL;
  /** Where the metadata of the protected resource is (SDK 2.4 and later). */
  resourceMetadataUrl: string;
}

/** What an {@link AuthInfo} is made from. */
export interface AuthInfoFacts {
  readonly resource: URL;
  readonly metadataUrl: string;
  readonly exposeToken: boolean;
}

export function authInfoOf(
  auth: AuthContext,
  request: RequestLike,
  { resource, metadataUrl, exposeToken }: AuthInfoFacts,
): AuthInfo {
  return {
    token: exposeToken ? tokenOf(request) : '',
    clientId: auth.clientId,
    scopes: [...auth.scopes],
    expiresAt: Math.floor(auth.expiresAt / 1000),
    resource: new URL(resource),
    resourceMetadataUrl: metadataUrl,
  };
}

/** The token of a request that the guard has accepted. */
function tokenOf(request: RequestLike): string {
  return /^Bearer +(\S+)$/i.exec(headerOf(request, 'authorization')?.trim() ?? '')?.[1] ?? '';
}

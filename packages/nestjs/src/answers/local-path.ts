import type { IncomingMessage } from 'node:http';

/** Node's request: on Express with what its parsers add, on Fastify before any parser has run. */
export interface NodeRequest extends IncomingMessage {
  readonly body?: unknown;
  /** The address before routing took parts of it away. */
  readonly originalUrl?: string;
}

/** What a request asks for behind the application's prefix. */
export interface LocalPath {
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads the address of a request.
 *
 * @param prefix the application's global prefix, such as `api`; an empty text for none
 */
export function localPathOf(prefix: string): (request: NodeRequest) => LocalPath {
  const root = `/${prefix}`.replace(/\/+/g, '/').replace(/\/$/, '');
  return ({ originalUrl, url }) => {
    const { pathname, searchParams } = new URL((originalUrl ?? url ?? '').replace(/^\/*/, 'http://x/'));
    const path = pathname.startsWith(`${root}/`) ? pathname.slice(root.length) : pathname;
    return { path, query: searchParams };
  };
}

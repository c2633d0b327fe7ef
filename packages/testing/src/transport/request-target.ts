/** The names of this machine that requests may use. The server listens on 127.0.0.1 only, so `[::1]` is another server. */
const names: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);

/**
 * Finds the URL that a request asks for, at the origin of the server. A target in absolute form replaces the `Host` (RFC 9112,
 * section 3.2.2), as clients of a proxy send it.
 *
 * @param origin of the server, `http://localhost:8080`
 * @param target the second part of the request line
 * @returns `undefined` if the request names another host or port: a site's name may resolve to 127.0.0.1 (DNS rebinding)
 */
export function requestedUrl(origin: string, target: string, host: string | undefined): string | undefined {
  const { protocol, port } = new URL(origin);
  if (target.startsWith('/')) {
    const asked = host === undefined ? undefined : parsed(`${protocol}//${host}`);
    return asked !== undefined && isAuthority(asked) && isOurs(asked, protocol, port)
      ? origin + target
      : undefined;
  }
  const asked = parsed(target);
  return asked !== undefined && isOurs(asked, protocol, port)
    ? origin + asked.pathname + asked.search
    : undefined;
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Whether a `Host` is nothing but a name and a port. */
function isAuthority({ pathname, search, hash }: URL): boolean {
  return pathname === '/' && search === '' && hash === '';
}

function isOurs(asked: URL, protocol: string, port: string): boolean {
  return (
    asked.protocol === protocol &&
    names.has(asked.hostname) &&
    asked.port === port &&
    asked.username === '' &&
    asked.password === ''
  );
}

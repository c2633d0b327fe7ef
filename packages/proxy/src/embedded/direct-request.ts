import type { IncomingMessage } from 'node:http';
import { RequestError } from '@entra-guard/core';
import type { AskedRequest } from '../dialects/dialect.js';
import { namedByConnection } from '../forward/hop-by-hop.js';
import { rawValuesOf } from '../headers/header-names.js';

/** What `Connection` can't take away: the application would read another request than the one that was judged. */
const NEEDED: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'authorization',
  'cookie',
  'origin',
]);

/**
 * Reads a request that a client sent: its own method, target and `Host`, and nothing from `X-Forwarded-*`.
 *
 * @throws RequestError `request_invalid` for several hosts, for an upgrade to anything but a WebSocket, and where `Connection` names a
 * header that says what is asked for, or who asks
 */
export function readDirect({ method, url, rawHeaders }: IncomingMessage): AskedRequest {
  const hosts = rawValuesOf(rawHeaders, 'host');
  if (hosts.length !== 1) throw invalid(`has ${hosts.length} Host headers`, 'Send one Host header.');
  const taken = namedByConnection(rawHeaders).find((name) => NEEDED.has(name));
  if (taken !== undefined) {
    throw invalid(
      `names ${taken} in Connection`,
      'Name only headers of the connection (RFC 9110 section 7.6.1).',
    );
  }
  assertUpgrade(rawValuesOf(rawHeaders, 'upgrade'), method, rawHeaders);
  return { method: method ?? '', host: hosts[0] as string, path: url ?? '' };
}

/** An upgrade is a GET without a body (RFC 6455 section 4.1). */
function assertUpgrade(
  upgrades: readonly string[],
  method: string | undefined,
  rawHeaders: readonly string[],
): void {
  if (upgrades.length === 0) return;
  if (upgrades.length > 1 || upgrades[0]?.toLowerCase() !== 'websocket') {
    throw invalid('asks for another protocol than WebSocket', 'Send it without Upgrade.');
  }
  if (method !== 'GET')
    throw invalid('asks for a WebSocket and is not a GET', 'Send a GET (RFC 6455 section 4.1).');
  const [length = '0'] = rawValuesOf(rawHeaders, 'content-length');
  if (Number(length) !== 0 || rawValuesOf(rawHeaders, 'transfer-encoding').length > 0) {
    throw invalid('asks for a WebSocket and has a body', 'Send it without a body (RFC 6455 section 4.1).');
  }
}

function invalid(found: string, hint: string): RequestError {
  return new RequestError({ code: 'request_invalid', message: `The request ${found}.`, hint });
}

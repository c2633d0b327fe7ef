import type { IncomingMessage } from 'node:http';
import { rawValuesOf } from '../headers/header-names.js';

/** Where a request came in, as its client sees it. */
export interface SeenOrigin {
  /** `https://orders.contoso.example` */
  readonly origin: string;
  readonly scheme: 'http' | 'https';
  readonly port: string;
}

/**
 * The origin that a client sees: scheme and port of `publicOrigin`, where TLS ends in front, and the host of the request, which is one
 * of the policy's by now.
 */
export function seenOriginOf(
  { rawHeaders, socket }: IncomingMessage,
  publicOrigin: URL | undefined,
): SeenOrigin {
  const [host = ''] = rawValuesOf(rawHeaders, 'host');
  const [, name = '', given] = /^(.*?)(?::([0-9]*))?$/.exec(host.toLowerCase()) ?? [];
  if (publicOrigin !== undefined) {
    const scheme = publicOrigin.protocol === 'https:' ? 'https' : 'http';
    const { port } = publicOrigin;
    return {
      origin: `${scheme}://${name}${port === '' ? '' : `:${port}`}`,
      scheme,
      port: port || standardPort(scheme),
    };
  }
  const port = String(socket.localPort ?? '');
  const shown = given === undefined || given === '' || given === '80' ? '' : `:${given}`;
  return { origin: `http://${name}${shown}`, scheme: 'http', port };
}

const standardPort = (scheme: 'http' | 'https'): string => (scheme === 'https' ? '443' : '80');

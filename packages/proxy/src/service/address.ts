import { isIP, type Socket } from 'node:net';
import { ConfigurationError } from '@entra-guard/core';

/** Where a listener is: a port of an address of this machine, or a Unix socket. */
export type Address =
  | { readonly host: string; readonly port: number; readonly path?: undefined }
  | { readonly path: string; readonly host?: undefined; readonly port?: undefined };

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
 *
 * @param option where it stands, for errors
 * @throws ConfigurationError for anything else
 */
export function readAddress(option: string, text: unknown): Address {
  if (typeof text === 'string') {
    if (/^unix:.*[^/]$/.test(text)) return Object.freeze({ path: text.slice('unix:'.length) });
    const [, v6, name, port = ''] =
      /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/.exec(text) ?? [];
    const host = v6 ?? name;
    if (host !== undefined && Number(port) <= 65_535 && (v6 === undefined || isIP(v6) === 6)) {
      return Object.freeze({ host, port: Number(port) });
    }
  }
  throw new ConfigurationError(
    `${option} is not an address.`,
    `Write ${option} as HOST:PORT, such as 127.0.0.1:4180; port 0 is any free one. Or as unix:/run/entra-guard.sock.`,
  );
}

/** Whether only this machine reaches it. */
export function isLocal({ host }: Address): boolean {
  return (
    host === undefined || host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
  );
}

/** The URL of a listener over TCP. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The address of the other end; `undefined` for a Unix socket, and once it is closed. */
export function peerOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string | undefined {
  // A socket for both versions shows version 4 so (RFC 4291 section 2.5.5.2).
  return remoteAddress?.replace(/^::ffff:(?=[0-9.]+$)/, '');
}

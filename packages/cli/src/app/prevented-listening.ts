import { Server } from 'node:net';

/** What servers there would have been. */
export interface PreventedServers {
  /** What each server would have answered requests with. */
  listeners(): readonly unknown[];
  /** Whether any was asked to listen. */
  asked(): boolean;
}

/**
 * Keeps this process from listening: an application may listen as soon as it is loaded, while another copy of it has the port.
 * Code that waits for a server is told that it listens; no port is opened.
 */
export function preventListening(): PreventedServers {
  const servers: Server[] = [];
  const address = { address: '127.0.0.1', family: 'IPv4', port: 0 };
  Server.prototype.listen = function listen(this: Server, ...given: unknown[]): Server {
    servers.push(this);
    const callback = given.find((one) => typeof one === 'function') as (() => void) | undefined;
    if (callback !== undefined) this.once('listening', callback);
    setImmediate(() => this.emit('listening'));
    return this;
  };
  Server.prototype.address = () => address;
  return {
    listeners: () => servers.flatMap((server) => server.listeners('request')),
    asked: () => servers.length > 0,
  };
}

// @ts-check
import { Agent } from 'node:https';
import { Socket } from 'node:net';
import { connect } from 'node:tls';

/**
 * Connects every request, whatever host it is for, to one server on this machine: both sides speak real TLS and see the
 * addresses of production.
 */
export class LoopbackAgent extends Agent {
  #port;
  #certificate;

  /**
   * @param {number} port
   * @param {string} certificate the only one that is trusted, PEM
   */
  constructor(port, certificate) {
    super({ keepAlive: false });
    this.#port = port;
    this.#certificate = certificate;
  }

  /**
   * @override
   * @param {{ host?: string | null }} options
   */
  createConnection({ host }) {
    // Where a request goes that names no host. Nothing is there on a machine in production.
    if (host === 'localhost') return refused();
    return connect({
      host: '127.0.0.1',
      port: this.#port,
      servername: 'localhost',
      ca: this.#certificate,
    });
  }
}

/** As a socket that finds no listener. */
function refused() {
  const socket = new Socket();
  setImmediate(() => socket.destroy(new Error('connect ECONNREFUSED')));
  return socket;
}

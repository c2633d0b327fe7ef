// @ts-check
import { Agent } from 'node:https';
import { Socket } from 'node:net';
import { connect } from 'node:tls';

/**
 * Connects every request, for any host, to one server on this machine. Both sides use real TLS and the production
 * addresses.
 */
export class LoopbackAgent extends Agent {
  #port;
  #certificate;

  /**
   * @param {number} port
   * @param {string} certificate the only trusted certificate, PEM
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
    // A request without a host goes to localhost, where no server listens in production.
    if (host === 'localhost') return refused();
    return connect({
      host: '127.0.0.1',
      port: this.#port,
      servername: 'localhost',
      ca: this.#certificate,
    });
  }
}

/** Makes a socket whose connection is refused. */
function refused() {
  const socket = new Socket();
  setImmediate(() => socket.destroy(new Error('connect ECONNREFUSED')));
  return socket;
}

import { Client, type Dispatcher } from 'undici';

/** Requests that were answered, and the seconds from the first to the last answer. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
}

/** Connections that stay open, with one request at a time on each. */
export class Connections {
  readonly #clients: readonly Client[];

  constructor(origin: string, count: number) {
    this.#clients = Array.from({ length: count }, () => new Client(origin, { pipelining: 1 }));
  }

  /**
   * Sends requests as fast as they are answered.
   *
   * @param next the token of the next request, or `undefined` when it is enough
   * @throws Error when a request is answered with another status
   */
  async load(next: () => string | undefined, expected = 200): Promise<Load> {
    let requests = 0;
    const lane = async (client: Client) => {
      for (let token = next(); token !== undefined; token = next()) {
        const status = await send(client, token);
        if (status !== expected)
          throw new Error(`A request was answered with ${status}, not with ${expected}.`);
        requests++;
      }
    };
    const started = performance.now();
    await Promise.all(this.#clients.map(lane));
    return { requests, seconds: (performance.now() - started) / 1000 };
  }

  /** The status that one request is answered with. */
  status(token: string): Promise<number> {
    const [first] = this.#clients;
    if (first === undefined) throw new Error('There is no connection.');
    return send(first, token);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/**
 * Sends one request, and gives the status once the whole answer is there.
 *
 * @param token none is sent if it is empty
 */
export function send(client: Dispatcher, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    client.dispatch(
      { path: '/orders', method: 'GET', headers: token === '' ? {} : { authorization: `Bearer ${token}` } },
      {
        onRequestStart() {},
        onResponseStart: (_, statusCode) => {
          status = statusCode;
        },
        onResponseData() {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

/** Tokens in turn, until so many seconds are over. */
export function inTurn(tokens: readonly string[], seconds: number): () => string | undefined {
  const end = performance.now() + seconds * 1000;
  let sent = 0;
  return () => (performance.now() < end ? tokens[sent++ % tokens.length] : undefined);
}

/** Each token once. */
export function eachOnce(tokens: readonly string[]): () => string | undefined {
  let sent = 0;
  return () => tokens[sent++];
}

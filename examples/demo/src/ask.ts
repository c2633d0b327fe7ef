import { request } from 'node:http';

/** A request of one caller. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Every `Authorization` header, in order. */
  readonly authorization: readonly string[];
}

/** The answer of an API. */
export interface Answer {
  readonly status: number;
  /** `WWW-Authenticate`, or an empty string. */
  readonly challenge: string;
  readonly body: string;
}

/** The body of every `POST` of the demo. */
const order = JSON.stringify({ item: 'biscuits', quantity: 12 });

/** Sends a request. Does not use `fetch`, which would join two headers of one name. */
export async function ask(origin: string, { method, path, authorization }: Request): Promise<Answer> {
  const body = method === 'POST' ? order : '';
  const headers = [
    ['Host', new URL(origin).host],
    ['Content-Type', 'application/json'],
    ['Content-Length', String(body.length)],
    ...authorization.map((value) => ['Authorization', value]),
  ];
  return new Promise((resolve, reject) => {
    const outgoing = request(origin + path, { method, headers: headers.flat(), agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers: answered } = response;
        resolve({ status: statusCode, challenge: answered['www-authenticate'] ?? '', body: text });
      });
    });
    outgoing.end(body);
  });
}

import { request } from 'node:http';
import type { RowRequest } from '../hosts/http/row.js';

/** What came back, with every header by its lower-case name. */
export interface Exchange {
  readonly status: number;
  /** Values in order of arrival: a header may come twice. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/** Sends a request exactly as it is written. `fetch` would join headers of one name. */
export function send(origin: string, row: RowRequest): Promise<Exchange> {
  const { host, hostname, port } = new URL(origin);
  const headers = [['Host', host], ['Connection', 'close'], ...row.headers, ...lengthOf(row)].flat();
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method: row.method, path: row.path, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: byName(response.rawHeaders),
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.end(row.body);
  });
}

/** Without it Node sends an empty chunked body, which Fastify wants a content type for. */
function lengthOf({ method, body }: RowRequest): readonly (readonly [string, string])[] {
  if (body === undefined && (method === 'GET' || method === 'HEAD')) return [];
  return [['Content-Length', String(Buffer.byteLength(body ?? ''))]];
}

function byName(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, readonly string[]>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    headers.set(name, [...(headers.get(name) ?? []), raw[index + 1] ?? '']);
  }
  return headers;
}

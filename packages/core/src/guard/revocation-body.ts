import { RequestError } from '../base/errors.js';

/** What is read of Node's request, or of a framework's. */
export interface BodySource {
  readonly headers: { readonly 'content-type'?: string | undefined };
  /** What a parser has read. */
  readonly body?: unknown;
  readonly readableEnded: boolean;
  /** Node's `Readable.iterator`. */
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
  /** Node's `Readable.resume`. */
  resume(): unknown;
}

const MAX_BODY = 16_384;

/**
 * Reads the body of a request about revocations as JSON: what a parser has read, or else the body itself, of at most 16 kB.
 * `undefined` if there is none.
 *
 * @throws RequestError (as a rejection) `request_invalid` for a body that is too large, of another type, or not JSON
 */
export async function revocationBody(request: BodySource): Promise<unknown> {
  if (request.body !== undefined || request.readableEnded) return request.body;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > MAX_BODY) break;
    chunks.push(chunk);
  }
  if (length > MAX_BODY) {
    // The rest is discarded: Node discards only what was never read, and a client that is still sending would hang.
    request.resume();
    throw notUnderstood(`The body is larger than ${MAX_BODY} bytes.`, 'Send one revocation.');
  }
  if (length === 0) return undefined;
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw notUnderstood(
      'The body is not of the type application/json.',
      'Send Content-Type: application/json.',
    );
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw notUnderstood('The body is not JSON.', 'Send {"target": …, "because": …}.');
  }
}

function notUnderstood(problem: string, hint: string): RequestError {
  return new RequestError({ code: 'request_invalid', message: `${problem} ${hint}`, hint });
}

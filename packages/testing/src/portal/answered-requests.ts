import type { RequestRecord } from '../requests.js';
import { decodeUnverifiedJwt } from '../tokens/read-jwt.js';

/** A request and what it was answered, without any token. */
export interface AnsweredRequest {
  readonly method: string;
  /** Without the query, which may hold a token. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  /** The refusal, if it was refused: `AADSTS50057: …`. */
  readonly refusal: string | undefined;
  /** The claims of the access token that it was answered, if any. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** How many are kept. */
const limit = 100;

/** The latest requests for tokens, and what each was answered. */
export class AnsweredRequests {
  readonly #kept: AnsweredRequest[] = [];

  /** Lists them, the newest first. */
  list(): readonly AnsweredRequest[] {
    return [...this.#kept].reverse();
  }

  /** Notes what a request is answered. Reads a copy of the answer. */
  async note({ method, url, at }: RequestRecord, response: Response): Promise<void> {
    const { status } = response;
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const answer = isJson ? await bodyOf(response.clone()) : {};
    const { access_token: token, error_description: description, error } = answer;
    const decoded = typeof token === 'string' ? decodeUnverifiedJwt(token)?.payload : undefined;
    const said = [description, error].find((one) => typeof one === 'string');
    if (this.#kept.length >= limit) this.#kept.shift();
    this.#kept.push({
      method,
      path: new URL(url).pathname,
      at,
      status,
      refusal: status >= 400 ? (said as string | undefined) : undefined,
      claims: decoded,
    });
  }
}

async function bodyOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

import type { Host } from '../host.js';

/** One request to the authority, and what came of it. Times are milliseconds since the epoch. */
export interface Exchange {
  readonly url: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent where there was no answer. */
  readonly answer?: {
    readonly status: number;
    readonly contentType: string;
    /** The authority's clock when it answered. */
    readonly date: number | undefined;
    /** The document, where it is a JSON object. */
    readonly document: Readonly<Record<string, unknown>> | undefined;
  };
  /** Why there was none: of Node and undici, such as `ECONNREFUSED`. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Sends requests on, and keeps what came of them. */
export class Exchanges {
  readonly #host: Pick<Host, 'fetch' | 'now'>;
  readonly #all: Exchange[] = [];

  constructor(host: Pick<Host, 'fetch' | 'now'>) {
    this.#host = host;
  }

  get all(): readonly Exchange[] {
    return this.#all;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const startedAt = this.#host.now();
    const done = (outcome: Pick<Exchange, 'answer' | 'failure'>): void => {
      this.#all.push({ url, startedAt, endedAt: this.#host.now(), ...outcome });
    };
    let response: Response;
    try {
      response = await this.#host.fetch(input, init);
    } catch (error) {
      done({ failure: failureOf(error) });
      throw error;
    }
    const { status, headers } = response;
    const endedAt = this.#host.now();
    const body = await response
      .clone()
      .text()
      .catch(() => '');
    this.#all.push({
      url,
      startedAt,
      endedAt,
      answer: {
        status,
        contentType: headers.get('content-type') ?? '',
        date: dateOf(headers),
        document: objectOf(body),
      },
    });
    return response;
  };
}

/** A cache on the way says how long ago it was (RFC 9111 section 5.1). */
function dateOf(headers: Headers): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) return undefined;
  return date + Number(/^[0-9]{1,9}$/.exec(headers.get('age') ?? '')?.[0] ?? 0) * 1000;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Undici hides the reason one level down, and where several addresses were tried, two. */
function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const [code, message] = reasonIn(error) ?? [
    '',
    error instanceof Error ? error.message : 'a value that is not an Error',
  ];
  return { code, message };
}

function reasonIn(error: unknown): [code: string, message: string] | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  const deeper = inner.map(reasonIn).find((one) => one !== undefined);
  if (deeper !== undefined) return deeper;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string'
    ? [code, error.message]
    : error.cause === undefined && error.name !== 'TypeError'
      ? [error.name, error.message]
      : undefined;
}

import type { Host } from '../host.js';

/** What a foreign server answered to one request. */
export interface Reply {
  readonly url: string;
  /** Absent where there was no answer in time. */
  readonly status?: number;
  readonly headers: Headers;
  /** The body, where it is a JSON object of at most 64 KiB. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** Where a redirect leads that was not followed. */
  readonly redirect?: string;
  /** Why there was no answer. */
  readonly failure?: string;
}

/** Milliseconds for one answer with its body. */
const PATIENCE = 10_000;
/** Largest body that is read, in bytes. */
const LARGEST = 65_536;
/** Redirects within one origin that are followed for a document. */
const MOST_REDIRECTS = 3;

/**
 * Sends one request to a server that is not ours: it has ten seconds and 64 KiB. A redirect is followed only for a document, and
 * only within its origin. Never rejects.
 */
export async function ask(
  { fetch }: Pick<Host, 'fetch'>,
  url: string,
  init: RequestInit = {},
): Promise<Reply> {
  let asked = url;
  const signal = AbortSignal.timeout(PATIENCE);
  for (let redirects = 0; ; redirects += 1) {
    const reply = await once(fetch, asked, { ...init, signal });
    const next = reply.redirect;
    const followed = next !== undefined && init.method === undefined && redirects < MOST_REDIRECTS;
    if (!followed || new URL(next).origin !== new URL(asked).origin) return { ...reply, url };
    asked = next;
  }
}

async function once(fetch: Host['fetch'], url: string, init: RequestInit): Promise<Reply> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'manual', credentials: 'omit' });
  } catch (error) {
    return { url, headers: new Headers(), document: undefined, failure: reasonOf(error) };
  }
  const { status, headers } = response;
  const location = headers.get('location');
  const redirect =
    status >= 300 && status < 400 && location !== null && URL.canParse(location, url)
      ? { redirect: new URL(location, url).href }
      : {};
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '');
  const text = isJson ? await bounded(response) : undefined;
  // An event stream has no end.
  if (!isJson) await response.body?.cancel().catch(() => {});
  return { url, status, headers, document: objectIn(text), ...redirect };
}

/** Reads a body to its end; `undefined` where it is too long or breaks off. */
async function bounded({ body }: Response): Promise<string | undefined> {
  if (body === null) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > LARGEST) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function objectIn(text: string | undefined): Reply['document'] {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Undici hides the reason one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is not an Error';
  if (error.name === 'TimeoutError') return `nothing within ${PATIENCE / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message || code || error.message;
}

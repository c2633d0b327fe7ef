import { BadInputError } from '../bad-input.js';
import { RUN_LOCAL } from '../local/local-package.js';
import type { TokenRequest } from './token-request.js';

/** What the mint endpoint answers. */
export interface Minted {
  readonly token: string;
  /** ISO 8601. */
  readonly expires: string;
  readonly note?: string;
}

/**
 * Asks a running local Entra for a token.
 *
 * @param origin `http://127.0.0.1:8484`
 * @throws BadInputError where none runs, or where it refuses
 */
export async function askLocalEntra(
  origin: string,
  request: TokenRequest,
  fetch: typeof globalThis.fetch,
): Promise<Minted> {
  const { status, body } = await post(`${origin}/entra-guard/token`, request, fetch, origin);
  const { token, expires, note, message } = body;
  if (status === 200 && typeof token === 'string' && typeof expires === 'string') {
    return { token, expires, ...(typeof note === 'string' ? { note } : {}) };
  }
  if (status >= 400 && typeof message === 'string') {
    throw new BadInputError(
      message,
      'What the local Entra has is in its configuration: entra-guard local prints it.',
    );
  }
  throw new BadInputError(
    `What answers at ${origin} is not a local Entra, or one of another version.`,
    `Name its port with --port, or start one: ${RUN_LOCAL}`,
  );
}

async function post(
  url: string,
  request: TokenRequest,
  fetch: typeof globalThis.fetch,
  origin: string,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      redirect: 'error',
    });
  } catch {
    throw new BadInputError(
      `No local Entra answers at ${origin}.`,
      `Start one: ${RUN_LOCAL}. If it runs on another port, say --port; if it runs with TLS, say --tls.`,
    );
  }
  try {
    const body: unknown = await answer.json();
    return { status: answer.status, body: typeof body === 'object' && body !== null ? { ...body } : {} };
  } catch {
    return { status: answer.status, body: {} };
  }
}

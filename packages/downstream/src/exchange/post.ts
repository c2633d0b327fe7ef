import { randomUUID } from 'node:crypto';
import { UnavailableError } from '@entra-guard/core';
import { kindOfFailure } from '../credential/unusable.js';
import { type Granted, type Refused, readAnswer } from './answer.js';
import type { Form } from './form.js';

/** Longest answer of a token endpoint that is read, in bytes. */
const LONGEST = 262_144;

/** How a form is sent. */
export interface Wire {
  readonly fetch: typeof globalThis.fetch;
  /** For connection, headers and body together, in milliseconds. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An answer, with the ID by which Entra's support finds the request. */
export type Exchanged = (Granted | Refused) & { readonly correlationId: string };

/**
 * Sends a form to a token endpoint. A redirect is an error, since it would take credentials elsewhere.
 *
 * @param tokenUrl on a host that belongs to the authority
 * @throws UnavailableError, part `downstream`, while there is no answer that can be read (as a rejection)
 */
export async function post(tokenUrl: string, form: Form, { fetch, timeout, now }: Wire): Promise<Exchanged> {
  const correlationId = randomUUID();
  let status: number;
  let retryAfter: string | null;
  let text: string;
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'client-request-id': correlationId,
      },
      body: new URLSearchParams(form).toString(),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    status = response.status;
    retryAfter = response.headers.get('retry-after');
    text = await boundedText(response);
  } catch (error) {
    throw unreachable(tokenUrl, kindOfFailure(error), 5);
  }
  const answer = readAnswer(status, text, retryAfter, now());
  if (answer.kind === 'unreadable') throw unreachable(tokenUrl, answer.found, answer.retryAfter);
  return { ...answer, correlationId };
}

async function boundedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > LONGEST) throw new RangeError(`the answer is longer than ${LONGEST} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Never tells what was sent or received: both hold tokens. */
function unreachable(tokenUrl: string, found: string, retryAfter: number): UnavailableError {
  return new UnavailableError({
    part: 'downstream',
    message: `No token for another API can be got at the moment: ${new URL(tokenUrl).host} gave ${found}.`,
    hint: 'Tokens that were got before are used until they expire. Can this machine reach the host? Does its status page tell of an outage?',
    retryAfter,
  });
}

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { ask } from '../ask.js';

/** How Grace was shut out of one API. */
export interface ShutOut {
  /** The answer, or how the stream ended. */
  readonly how: string;
  /** When she saw it, in milliseconds since the epoch. */
  readonly at: number;
  readonly asExpected: boolean;
}

/** How long the demo waits for something to happen, in milliseconds. */
const PATIENCE = 10_000;

/** A revoked caller gets this. */
const REFUSED = '401 token_revoked';

/** Reads orders again and again, until the API refuses. */
export async function refusalBy(origin: string, token: string): Promise<ShutOut> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const how = await answerOf(origin, token);
    const at = Date.now();
    if (how !== '200') return { how, at, asExpected: how === REFUSED };
    if (at > deadline) return { how, at, asExpected: false };
    await setTimeout(1);
  }
}

/** Waits until the API lets her in. */
export async function acceptedBy(origin: string, token: string): Promise<boolean> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    if ((await answerOf(origin, token)) === '200') return true;
    await setTimeout(5);
  }
  return false;
}

async function answerOf(origin: string, token: string): Promise<string> {
  const { status, body } = await ask(origin, {
    method: 'GET',
    path: '/orders',
    authorization: [`Bearer ${token}`],
  });
  return status === 200 ? '200' : `${status} ${(JSON.parse(body) as { readonly code: string }).code}`;
}

/** Opens a stream of events. */
export async function openStream(origin: string, token: string): Promise<{ ended: Promise<ShutOut> }> {
  const asked = get(`${origin}/events`, { agent: false, headers: { authorization: `Bearer ${token}` } });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`The stream did not open: ${response.statusCode}.`);
  }
  // The first event.
  await once(response, 'data');
  response.resume();
  return { ended: endOf(response) };
}

async function endOf(response: IncomingMessage): Promise<ShutOut> {
  const giveUp = AbortSignal.timeout(PATIENCE);
  try {
    await once(response, 'end', { signal: giveUp });
    return { how: 'stream ended', at: Date.now(), asExpected: true };
  } catch {
    const how = giveUp.aborted ? 'stream goes on' : 'stream broke off';
    response.destroy();
    return { how, at: Date.now(), asExpected: false };
  }
}

import { LOGIN, STRANGER, type TestKey, v2Issuer } from '../../support/forger.js';
import type { Chance } from './chance.js';

export type Document = 'metadata' | 'keys';

/** The faults of an authority. */
export const FAULTS = [
  'refuses connections',
  'fails in TLS',
  'hangs before headers',
  'hangs in mid-body',
  'dribbles',
  'breaks in mid-body',
  'HTML',
  'empty',
  'wrong JSON',
  'nothing of use',
  'too much',
  '302',
  '404',
  '429',
  '500',
] as const;
export type Fault = (typeof FAULTS)[number];

/** One attempt of the validator to read a document. */
export interface Attempt {
  readonly document: Document;
  readonly at: number;
}

/** A document that the validator has read completely, and when. It can know nothing else. */
export interface Given<T> {
  readonly at: number;
  readonly value: T;
}

/** One tenant of a simulated Entra, with a record of the exchanges. */
export class Tenant {
  readonly id: string;
  readonly #now: () => number;
  readonly #chance: Chance;
  published: readonly TestKey[];
  readonly faults = new Map<Document, Fault>();
  /** The latest document of each kind. Reset with the validator. */
  metadata: Given<true> | undefined;
  keys: Given<readonly TestKey[]> | undefined;
  /** All key sets that were read since the last check. */
  lately: Given<readonly TestKey[]>[] = [];
  attempts: Attempt[] = [];
  /** Time until which a `Retry-After` forbids requests. */
  patience = Number.NEGATIVE_INFINITY;

  constructor(id: string, published: readonly TestKey[], now: () => number, chance: Chance) {
    this.id = id;
    this.published = published;
    this.#now = now;
    this.#chance = chance;
  }

  get issuer(): string {
    return v2Issuer(this.id);
  }

  answer(url: URL, signal: AbortSignal): Promise<Response> {
    const document = url.pathname.endsWith('/keys') ? 'keys' : 'metadata';
    this.attempts.push({ document, at: this.#now() });
    const fault = this.faults.get(document);
    if (fault !== undefined) return this.#misbehave(fault, document, signal);
    return Promise.resolve(this.#tell(document));
  }

  /** Answers without a fault, in two parts. The document counts as read when the second part was read. */
  #tell(document: Document): Response {
    const { published } = this;
    const text = JSON.stringify(
      document === 'keys'
        ? { keys: published.map(({ jwk }) => jwk) }
        : { issuer: this.issuer, jwks_uri: `${LOGIN}/${this.id}/discovery/v2.0/keys` },
    );
    const parts = [text.slice(0, 20), text.slice(20)].map((part) => new TextEncoder().encode(part));
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          const part = parts.shift();
          if (part !== undefined) {
            controller.enqueue(part);
            return;
          }
          controller.close();
          const at = this.#now();
          if (document === 'metadata') {
            this.metadata = { at, value: true };
          } else {
            this.keys = { at, value: published };
            this.lately.push(this.keys);
          }
        },
      }),
    );
  }

  #misbehave(fault: Fault, document: Document, signal: AbortSignal): Promise<Response> {
    const say = (body: ConstructorParameters<typeof Response>[0], init?: ResponseInit): Promise<Response> =>
      Promise.resolve(new Response(body, init));
    const part = new TextEncoder().encode('{"keys":[');
    switch (fault) {
      case 'refuses connections':
        return Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }));
      case 'fails in TLS':
        return Promise.reject(new TypeError('fetch failed', { cause: new Error('self-signed certificate') }));
      case 'hangs before headers':
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      case 'hangs in mid-body':
        return say(new ReadableStream({ start: (controller) => controller.enqueue(part) }));
      case 'dribbles':
        return say(dribble(signal));
      case 'breaks in mid-body':
        return say(
          new ReadableStream({
            start: (controller) => {
              controller.enqueue(part);
              controller.error(new TypeError('terminated'));
            },
          }),
        );
      case 'HTML':
        return say('<!doctype html>', { headers: { 'content-type': 'text/html' } });
      case 'empty':
        return say(this.#chance.onceIn(2) ? '' : null);
      case 'wrong JSON':
        return say(this.#chance.one(['[]', 'null', '{"error":"busy"}', '{"keys":{}}', '{"issuer":1}']));
      case 'nothing of use':
        return document === 'keys'
          ? say(JSON.stringify({ keys: [{ ...STRANGER.jwk, use: 'enc' }, {}, null] }))
          : say(
              JSON.stringify(
                this.#chance.onceIn(2)
                  ? { issuer: v2Issuer('11111111-2222-3333-4444-555555555555'), jwks_uri: `${LOGIN}/x` }
                  : { issuer: this.issuer, jwks_uri: 'https://keys.evil.example/keys' },
              ),
            );
      case 'too much':
        return say(JSON.stringify({ keys: [STRANGER.jwk], x: 'x'.repeat(100_000) }));
      case '302':
        return say('', { status: 302, headers: { location: 'https://keys.evil.example/keys' } });
      case '429': {
        const seconds = this.#chance.between(1, 120);
        this.patience = Math.max(this.patience, this.#now() + seconds * 1000);
        return say('', { status: 429, headers: { 'retry-after': String(seconds) } });
      }
      case '404':
      case '500':
        return say('', { status: Number(fault) });
    }
  }
}

/** Makes a stream of one byte every two milliseconds, without end. */
function dribble(signal: AbortSignal): ReadableStream<Uint8Array> {
  let timer: NodeJS.Timeout;
  const stop = (): void => clearInterval(timer);
  return new ReadableStream({
    start: (controller) => {
      timer = setInterval(() => controller.enqueue(new Uint8Array([32])), 2);
      signal.addEventListener('abort', stop);
    },
    cancel: stop,
  });
}

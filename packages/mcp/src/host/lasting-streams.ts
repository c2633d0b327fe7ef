import type { Guard, RequestLike } from '@entra-guard/core';
import { OpenCallers } from '@entra-guard/core/revocation';
import { headerOf } from '../message/headers.js';

/** Streams of events that are open without a call: they end as soon as their caller is refused. */
export class LastingStreams {
  readonly #open: OpenCallers;

  constructor(guard: Guard) {
    this.#open = new OpenCallers(guard);
  }

  /**
   * Watches a stream until it is released.
   *
   * @param end ends it. Called once, when its caller is refused.
   * @returns releases it. Idempotent.
   */
  watch(request: RequestLike, end: () => void): () => void {
    // Its own event says what it is: the request was let in by another one.
    return this.#open.add(request, end, { handler: 'stream of events' });
  }
}

/** Whether a request opens a stream: a GET for events (until 2025-11-25), or a subscription (from 2026-07-28 on). */
export function opensStream(request: RequestLike, method: string, body: unknown): boolean {
  if (method === 'GET') return (headerOf(request, 'accept') ?? '').includes('text/event-stream');
  const called: unknown = Object(body).method;
  return called === 'subscriptions/listen';
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from '@entra-guard/core';
import { OpenCallers } from '@entra-guard/core/revocation';
import { headerOf } from '../message/headers.js';

/** Streams of events that are open without a call: they end as soon as their caller is refused. */
export class LastingStreams {
  readonly #open: OpenCallers;

  constructor(guard: Guard) {
    this.#open = new OpenCallers(guard);
  }

  /** Watches a request that opens a stream, until the response is closed. Others are left alone. */
  watch(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    if (!opensStream(request, body)) return;
    // Its own event says what it is: the request was let in by another one.
    const release = this.#open.add(request, () => response.destroy(), { handler: 'stream of events' });
    response.once('close', release);
  }
}

/** A GET for events (until 2025-11-25), or a subscription (from 2026-07-28 on). */
function opensStream(request: IncomingMessage, body: unknown): boolean {
  if (request.method === 'GET') return (headerOf(request, 'accept') ?? '').includes('text/event-stream');
  const method: unknown = Object(body).method;
  return method === 'subscriptions/listen';
}

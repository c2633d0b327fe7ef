import type { HttpAnswer } from '@entra-guard/core';
import type { RequestId } from '../message/messages.js';

/** An answer to an HTTP request, for any host. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text to send; empty for none. */
  readonly body: string;
}

/** A JSON-RPC error (JSON-RPC 2.0 section 5.1). */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: object;
}

/** What a call is answered with: a result, or an error. */
export type Reply =
  | { readonly result: object; readonly error?: undefined }
  | { readonly error: RpcError; readonly result?: undefined };

const NO_STORE = { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' };

/** Answers requests of one body, each by its ID. */
export function rpcAnswer(
  replies: readonly (Reply & { readonly id: RequestId | null })[],
  isBatch: boolean,
  status = 200,
): Answer {
  const all = replies.map(({ id, result, error }) => ({
    jsonrpc: '2.0',
    id,
    ...(error === undefined ? { result } : { error }),
  }));
  return { status, headers: NO_STORE, body: JSON.stringify(isBatch ? all : all[0]) };
}

/**
 * Answers a request that is not judged any further.
 *
 * @param id that of the request; `null` where it is not known, or the body is a batch
 */
export function rpcRefusal(
  status: number,
  code: number,
  message: string,
  id: RequestId | null = null,
): Answer {
  return rpcAnswer([{ id, error: { code, message } }], false, status);
}

/** Writes an answer of the core. */
export function coreAnswer({ status, headers, body }: HttpAnswer): Answer {
  return { status, headers, body: JSON.stringify(body) };
}

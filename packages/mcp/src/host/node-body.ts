import type { IncomingMessage } from 'node:http';
import { type Answer, rpcRefusal } from '../answer/answer.js';
import type { Body } from '../decide/gate.js';
import { isUnambiguous, parseUnambiguousJson } from '../message/json.js';

/** A request whose body a parser may have read. */
export type ParsedRequest = IncomingMessage & { body?: unknown };

/**
 * Reads the body of a request as JSON: what a parser has read, or else the body itself, up to a limit.
 *
 * @param maxBytes longer ones are refused, and the rest of them is not read
 */
export async function bodyOf(request: ParsedRequest, maxBytes: number): Promise<Body> {
  if (request.body !== undefined)
    return isUnambiguous(request.body) ? { value: request.body } : { refusal: NOT_JSON };
  if (!isJson(request.headers['content-type'])) return { refusal: WRONG_TYPE };
  if (isEncoded(request.headers['content-encoding'])) return { refusal: ENCODED };
  if (Number(request.headers['content-length']) > maxBytes) return { refusal: tooLarge(maxBytes) };
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > maxBytes) return { refusal: tooLarge(maxBytes) };
    chunks.push(chunk as Buffer);
  }
  return jsonIn(Buffer.concat(chunks));
}

/** Parses the bytes of a body. */
export function jsonIn(bytes: Uint8Array): Body {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { refusal: NOT_JSON };
  }
  return parseUnambiguousJson(text) ?? { refusal: NOT_JSON };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a `Content-Type` is that of JSON, the only one of the protocol. */
export function isJson(contentType: string | null | undefined): boolean {
  return /^application\/json[ \t]*(?:;|$)/i.test(contentType ?? '');
}

/** Whether a body is compressed, which neither the protocol nor its SDKs know. */
export function isEncoded(contentEncoding: string | null | undefined): boolean {
  return !/^(?:identity)?$/i.test(contentEncoding ?? '');
}

/** What is answered to bodies that are not read, in the words of the SDKs. */
export const NOT_JSON: Answer = rpcRefusal(400, -32700, 'Parse error: Invalid JSON');
export const WRONG_TYPE: Answer = rpcRefusal(
  415,
  -32000,
  'Unsupported Media Type: Content-Type must be application/json',
);
export const ENCODED: Answer = rpcRefusal(
  415,
  -32000,
  'Unsupported Media Type: the body must not be encoded',
);
export const tooLarge = (maxBytes: number): Answer =>
  rpcRefusal(413, -32000, `Payload Too Large: Request body must not exceed ${maxBytes} bytes`);

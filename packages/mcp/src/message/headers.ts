import type { RequestLike } from '@entra-guard/core';
import { valuesOf } from '@entra-guard/core/mcp';
import type { Message } from './messages.js';

/** The revision from which on requests name their method and what they are about in headers, and clients can step up. */
const MODERN = '2026-07-28';

/** Returns one header; several values joined, as Node does; `undefined` if it is absent. */
export function headerOf(request: RequestLike, name: string): string | undefined {
  const values = valuesOf(request, name);
  return typeof values === 'object' ? values.join(', ') : values;
}

/** Whether a request is of revision 2026-07-28 or later, by its header `MCP-Protocol-Version`. */
export function isModern(request: RequestLike): boolean {
  const version = headerOf(request, 'mcp-protocol-version')?.trim() ?? '';
  return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(version) && version >= MODERN;
}

/**
 * Compares `Mcp-Method` and `Mcp-Name` with the body (MCP 2026-07-28, "Streamable HTTP": proxies decide by them). Only the body is
 * judged; the SDK asks for headers that are missing.
 *
 * @returns what differs; `undefined` for nothing
 */
export function headerMismatch(request: RequestLike, message: Message): string | undefined {
  const method = headerOf(request, 'mcp-method')?.trim();
  if (method !== undefined && method !== message.method) return 'the Mcp-Method header names another method';
  const name = headerOf(request, 'mcp-name')?.trim();
  if (name === undefined || message.type !== 'call') return undefined;
  return decoded(name) === message.name ? undefined : 'the Mcp-Name header names something else';
}

const BASE64 = /^=\?base64\?((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\?=$/;

/** Names with other characters than those of headers come as `=?base64?…?=`. `undefined` for what can't be decoded. */
function decoded(value: string): string | undefined {
  if (!value.startsWith('=?base64?') || !value.endsWith('?=')) return value;
  const [, base64] = BASE64.exec(value) ?? [];
  const bytes = base64 === undefined ? undefined : Buffer.from(base64, 'base64');
  const text = bytes?.toString('utf8');
  return bytes !== undefined && Buffer.from(text as string, 'utf8').equals(bytes) ? text : undefined;
}

/** One entry of a stream. */
export interface StreamEntry {
  /** Its ID, `<milliseconds>-<number>`, by the server's clock. */
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** A part of a sorted set. */
export interface ScanPage {
  /** Where the next part begins; `'0'` after the last. */
  readonly cursor: string;
  readonly members: readonly { readonly member: string; readonly score: number }[];
}

/** The server, or a proxy in front of it, replied with something that the command never has for a reply. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';

  constructor(command: string, found: unknown) {
    super(`The reply to ${command} has an unknown form (${typeof found}).`);
  }
}

/** Reads the reply to GET: text, or `undefined` where the key is missing. */
export function textReply(reply: unknown): string | undefined {
  return reply === null || reply === undefined ? undefined : text('GET', reply);
}

/** Reads the reply to XRANGE and XREVRANGE, which is the same for all clients and protocols. */
export function rangeReply(reply: unknown): readonly StreamEntry[] {
  return entries('XRANGE', reply);
}

/**
 * Reads the reply to XREAD of one stream; none if it was empty. Clients and protocols differ: `[[key, entries]]` in RESP2, a map
 * in RESP3, which is an object in `redis`, and `[key, entries]` in ioredis 6.
 */
export function readReply(reply: unknown): readonly StreamEntry[] {
  if (reply === null || reply === undefined) return [];
  const streams = Array.isArray(reply) ? reply : [...pairs('XREAD', reply)].flat();
  if (streams.length === 0) return [];
  if (streams.length === 1 && Array.isArray(streams[0]) && streams[0].length === 2) {
    return entries('XREAD', streams[0][1]);
  }
  if (streams.length === 2 && isText(streams[0])) return entries('XREAD', streams[1]);
  throw new ReplyError('XREAD', reply);
}

/** Reads the reply to ZSCAN. */
export function scanReply(reply: unknown): ScanPage {
  if (!Array.isArray(reply) || reply.length !== 2 || !Array.isArray(reply[1]))
    throw new ReplyError('ZSCAN', reply);
  const flat: readonly unknown[] = reply[1];
  if (flat.length % 2 !== 0) throw new ReplyError('ZSCAN', reply);
  const members: { member: string; score: number }[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    members.push({ member: text('ZSCAN', flat[at]), score: numberReply(flat[at + 1]) });
  }
  return { cursor: text('ZSCAN', reply[0]), members };
}

/** Reads a score, which is text in RESP2, `inf` for infinity. */
export function numberReply(reply: unknown): number {
  const found = typeof reply === 'number' ? reply : text('ZSCAN', reply);
  const value = /^\+?inf$/i.test(String(found)) ? Number.POSITIVE_INFINITY : Number(found);
  if (Number.isNaN(value) || found === '') throw new ReplyError('ZSCAN', reply);
  return value;
}

function entries(command: string, reply: unknown): readonly StreamEntry[] {
  if (!Array.isArray(reply)) throw new ReplyError(command, reply);
  return reply.map((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 2) throw new ReplyError(command, reply);
    return { id: text(command, entry[0]), fields: fieldsIn(command, entry[1]) };
  });
}

function fieldsIn(command: string, found: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  // The server gives no fields for an entry that was deleted.
  if (found === null) return fields;
  const flat = Array.isArray(found) ? found : [...pairs(command, found)].flat();
  for (let at = 0; at + 1 < flat.length; at += 2)
    fields.set(text(command, flat[at]), text(command, flat[at + 1]));
  return fields;
}

function pairs(command: string, reply: unknown): Iterable<readonly [unknown, unknown]> {
  if (reply instanceof Map) return reply;
  if (typeof reply === 'object' && reply !== null) return Object.entries(reply);
  throw new ReplyError(command, reply);
}

function isText(found: unknown): found is string | Buffer {
  return typeof found === 'string' || Buffer.isBuffer(found);
}

/** Clients that were told to give bytes give a Buffer. */
function text(command: string, found: unknown): string {
  if (typeof found === 'number') return String(found);
  if (!isText(found)) throw new ReplyError(command, found);
  return typeof found === 'string' ? found : found.toString('utf8');
}

/** Reads the reply to SMEMBERS: a list in RESP2, a set in RESP3. */
export function membersReply(reply: unknown): readonly string[] {
  const members: readonly unknown[] | undefined =
    reply instanceof Set ? [...reply] : Array.isArray(reply) ? reply : undefined;
  if (members === undefined) throw new ReplyError('SMEMBERS', reply);
  return members.map((member) => text('SMEMBERS', member));
}

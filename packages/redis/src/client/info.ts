import { textReply } from './replies.js';

/** Reads the reply to INFO: lines of `name:value`, with comments between. Names that a server leaves out are missing. */
export function infoReply(reply: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of (textReply(reply) ?? '').split(/\r?\n/)) {
    const [, name, value] = /^([a-z0-9_]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value.trim());
  }
  return fields;
}

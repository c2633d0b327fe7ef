import { randomUUID } from 'node:crypto';
import type { RevocationRecord } from '@entra-guard/core';
import { readText } from '@entra-guard/core/revocation';
import type { Content, Written } from '../log/replicated-set.js';

/** What is shared: records, and how long a token may live for those who keep them. */
export type Shared =
  | { readonly kind: 'record'; readonly record: RevocationRecord }
  | { readonly kind: 'longest'; readonly id: string; readonly seconds: number };

const VERSION = 1;
const ID = /"id":"([0-9a-f][0-9a-f-]{35})"/;

/** Guesses the ID of a record, or of the one that is lifted, without reading all of the text. */
export function idIn(text: string): string | undefined {
  return ID.exec(text)?.[1];
}

/** Reads what a process of any release has written. */
export function readShared({ text, until }: Written): Content<Shared> {
  const longest = text.includes('"longest"') ? longestIn(text) : undefined;
  if (longest !== undefined) return { kind: 'put', id: longest.id, value: longest };
  const read = readText(text, until);
  if (read.state === 'record') {
    return { kind: 'put', id: read.record.id, value: { kind: 'record', record: read.record } };
  }
  if (read.state === 'tombstone') {
    const { id, because, at } = read.tombstone;
    return { kind: 'lift', lifts: id, because, at };
  }
  return { kind: 'unreadable', writer: read.writer };
}

/** Writes how long a token may live, in seconds. Kept for ever, because records that end by it may be written at any time. */
export function longestText(seconds: number, writer: string): Written {
  const text = JSON.stringify({ v: VERSION, w: writer, id: randomUUID(), o: 'longest', s: seconds });
  return { text, until: Number.POSITIVE_INFINITY };
}

function longestIn(text: string): (Shared & { kind: 'longest' }) | undefined {
  try {
    const { v, id, o, s } = JSON.parse(text) as Record<string, unknown>;
    if (v !== VERSION || o !== 'longest' || typeof id !== 'string' || !/^[0-9a-f][0-9a-f-]{35}$/.test(id))
      return undefined;
    return typeof s === 'number' && Number.isSafeInteger(s) && s > 0
      ? { kind: 'longest', id, seconds: s }
      : undefined;
  } catch {
    return undefined;
  }
}

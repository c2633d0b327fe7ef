import { ReplyError, textReply } from '../client/replies.js';
import type { QueueJob } from './queue-contract.js';

/** Reads 0 or 1, which some clients give as text. */
export function flagReply(reply: unknown): boolean {
  const value = Number(reply);
  if (value === 0 || value === 1) return value === 1;
  throw new ReplyError('EVAL', reply);
}

/** Reads key, text and attempts of a job; `undefined` if there was none. */
export function takenReply(reply: unknown): (QueueJob & { readonly attempts: number }) | undefined {
  const [key, text, attempts] = listIn(reply, 0, 3);
  if (key === undefined) return undefined;
  return { key: textIn(key), text: textIn(text), attempts: countIn(attempts) };
}

/** Reads two counts. */
export function countReply(reply: unknown): { readonly waiting: number; readonly tried: number } {
  const [waiting, tried] = listIn(reply, 2, 2);
  return { waiting: countIn(waiting), tried: countIn(tried) };
}

function listIn(reply: unknown, ...lengths: readonly number[]): readonly unknown[] {
  if (Array.isArray(reply) && lengths.includes(reply.length)) return reply;
  throw new ReplyError('EVAL', reply);
}

function textIn(reply: unknown): string {
  const text = textReply(reply);
  if (text === undefined) throw new ReplyError('EVAL', reply);
  return text;
}

function countIn(reply: unknown): number {
  const count = Number(reply);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new ReplyError('EVAL', reply);
}

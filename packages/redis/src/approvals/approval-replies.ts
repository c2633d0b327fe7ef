import { ReplyError, textReply } from '../client/replies.js';

/** What the script that makes a record has done. */
export type Made = { readonly state: 'made' | 'found' } | { readonly state: 'full'; readonly until: number };

/** Reads the reply to MAKE. */
export function madeReply(reply: unknown): Made {
  const [state, until] = Array.isArray(reply) ? reply.map(textReply) : [];
  if (state === 'made' || state === 'found') return { state };
  const time = Number(until);
  if (state === 'full' && Number.isFinite(time)) return { state, until: time };
  throw new ReplyError('EVAL', reply);
}

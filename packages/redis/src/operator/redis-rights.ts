import type { Command } from '../client/connection.js';
import { textReply } from '../client/replies.js';
import type { Server } from './server.js';
import { told } from './told.js';

/** What the user of a connection may do. */
export interface RedisRights {
  /** Its name; `undefined` where it may not ask, as users with the documented rules may not. */
  readonly name: string | undefined;
  /** Whether it may run every command; `false` where it may not ask. */
  readonly everything: boolean;
  /** Commands that a process which only judges needs, and that it may not run. */
  readonly cannotRead: readonly string[];
  /** Commands that a process which revokes needs as well, and that it may not run. */
  readonly cannotWrite: readonly string[];
  /** Whether that could not be found out, because the server takes no writes. */
  readonly unknown: boolean;
}

/** Tries commands that change nothing: each needs a key that is not there to be there. */
export async function rightsOf(server: Server): Promise<RedisRights> {
  const { client, keys, prefix } = server;
  const { epoch, state, log } = keys;
  const none = `${prefix}:none`;
  const readers: readonly Command[] = [
    ['GET', epoch],
    ['XREAD', 'COUNT', '1', 'STREAMS', log, '$'],
    ['XRANGE', log, '-', '+', 'COUNT', '1'],
    ['XREVRANGE', log, '+', '-', 'COUNT', '1'],
    ['ZSCAN', state, '0', 'COUNT', '1'],
  ];
  const writers: readonly Command[] = [
    ['SET', none, '1', 'XX'],
    ['ZADD', none, 'XX', '1', 'none'],
    ['XADD', none, 'NOMKSTREAM', '*', 'none', '1'],
    ['ZREMRANGEBYSCORE', none, '-inf', '-inf'],
  ];
  const cannotRead: string[] = [];
  const cannotWrite: string[] = [];
  let unknown = false;
  for (const command of readers)
    if ((await tried(server.send(command))) === 'refused') cannotRead.push(named(command));
  for (const command of writers) {
    const outcome = await tried(server.send(command));
    if (outcome === 'refused') cannotWrite.push(named(command));
    if (outcome === 'unknown') unknown = true;
  }
  if (cannotWrite.length === 0 && !unknown) {
    const outcome = await tried(client.transaction([['ZREMRANGEBYSCORE', none, '-inf', '-inf']]));
    if (outcome === 'refused') cannotWrite.push('multi, exec');
  }
  const name = textReply(await told(server.send(['ACL', 'WHOAMI'])));
  return { name, everything: await mayAll(server, name), cannotRead, cannotWrite, unknown };
}

function named([name]: Command): string {
  return name.toLowerCase();
}

async function tried(reply: Promise<unknown>): Promise<'done' | 'refused' | 'unknown'> {
  try {
    await reply;
    return 'done';
  } catch (reason) {
    const word = /^[A-Z]+/.exec(reason instanceof Error ? reason.message : '')?.[0];
    if (word === 'NOPERM') return 'refused';
    // A replica, or a server whose memory is full or whose disk fails.
    if (word === 'READONLY' || word === 'OOM' || word === 'MISCONF' || word === 'WRONGTYPE') return 'unknown';
    throw reason;
  }
}

/** A user who may not ask for its rules may not do everything. */
async function mayAll(server: Server, name: string | undefined): Promise<boolean> {
  if (name === undefined) return false;
  const reply = await told(server.send(['ACL', 'GETUSER', name]));
  // RESP2 gives a list of names and values, RESP3 a map.
  const found = Array.isArray(reply)
    ? reply[reply.indexOf('commands') + 1]
    : reply instanceof Map
      ? reply.get('commands')
      : Object(reply).commands;
  return typeof found === 'string' && /^\+@all\b(?!.* -)/.test(found);
}

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpAnswer } from '@entra-guard/core';
import { writeAnswer } from '../answers/answer.js';

/** After how long a connection is cut off whose client does not read the answer, in milliseconds. */
const CUT_OFF = 1000;

/**
 * Answers a request for an upgrade like any other, and closes the connection. Node's own response writes it, which refuses
 * headers that would begin another one; nothing is written then.
 */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, answer: HttpAnswer): void {
  if (socket.destroyed) return;
  // Not imported: see route-decision.ts.
  const { ServerResponse } = process.getBuiltinModule('node:http');
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  const timer = setTimeout(() => socket.destroy(), CUT_OFF);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  try {
    // A stream of any kind will do: it is written to, and ended.
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end(() => socket.destroy()));
    writeAnswer(response, request.method, answer);
  } catch {
    socket.destroy();
  }
}

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { answerHeaders } from './answer-headers.js';
import type { Carried, CarryEvents } from './carry.js';
import { gatewayAnswer, reasonOf } from './gateway-failure.js';
import type { Upstream } from './upstream.js';

/**
 * Passes the request for a WebSocket on, and connects both sides when the application agrees (RFC 6455). An answer other than 101 goes
 * to the client, and the connection ends.
 *
 * @param headers names and values in turns, without those of the connection
 * @param head what the client sent behind its request
 */
export function carryUpgrade(
  upstream: Upstream,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  headers: string[],
  events: CarryEvents,
): Carried {
  const sentAt = performance.now();
  const asked = ask(upstream, request, headers);
  const late = setTimeout(
    () => asked.destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })),
    upstream.settings.connectMs + upstream.settings.headersMs,
  );
  let theirs: Duplex | undefined;
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(late);
    asked.destroy();
    theirs?.destroy();
    socket.destroy();
    events.over();
  };
  socket.once('close', over);
  socket.once('error', over);

  asked.once('upgrade', (answer: IncomingMessage, opened: Duplex, first: Buffer) => {
    clearTimeout(late);
    theirs = opened;
    opened.once('close', over);
    opened.once('error', over);
    if (isOver) return void opened.destroy();
    events.began((performance.now() - sentAt) / 1_000);
    const passed = [...answerHeaders(answer.rawHeaders), 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
    socket.write(headOf(101, answer.statusMessage ?? '', passed), 'latin1');
    if (first.length > 0) socket.write(first);
    if (head.length > 0) opened.write(head);
    opened.pipe(socket).pipe(opened);
  });
  asked.once('response', (answer: IncomingMessage) => {
    clearTimeout(late);
    events.began((performance.now() - sentAt) / 1_000);
    // Without a length, the end of the connection is the end of the answer (RFC 9112 section 6.3).
    const passed = [...answerHeaders(answer.rawHeaders), 'Connection', 'close'];
    socket.write(headOf(answer.statusCode ?? 502, answer.statusMessage ?? '', passed), 'latin1');
    answer.once('error', over);
    answer.pipe(socket);
  });
  asked.once('error', (error) => {
    if (isOver) return;
    const reason = reasonOf(error);
    events.failed(reason, error);
    const { status, headers: own, body } = gatewayAnswer(reason);
    endWith(socket, status, Object.entries(own).flat(), body);
  });
  asked.end();
  return { end: over };
}

function ask(
  { origin, isSecure, upgradeAgent, verifiedName }: Upstream,
  request: IncomingMessage,
  headers: string[],
): ClientRequest {
  const options = {
    host: origin.hostname.replace(/^\[|\]$/g, ''),
    port: origin.port === '' ? (isSecure ? 443 : 80) : Number(origin.port),
    method: request.method,
    path: request.url,
    headers: [...headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'] as never,
  };
  if (!isSecure) return httpRequest({ ...options, agent: false });
  return httpsRequest({ ...options, agent: upgradeAgent, servername: verifiedName });
}

/** Answers on the socket of an upgrade, and ends it. @param headers names and values in turns */
export function endWith(socket: Duplex, status: number, headers: readonly string[], body: string): void {
  const framed = [...headers, 'Content-Length', String(Buffer.byteLength(body)), 'Connection', 'close'];
  socket.end(`${headOf(status, '', framed)}${body}`);
}

function headOf(status: number, text: string, headers: readonly string[]): string {
  let lines = `HTTP/1.1 ${status} ${text}\r\n`;
  for (let index = 0; index + 1 < headers.length; index += 2)
    lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${lines}\r\n`;
}

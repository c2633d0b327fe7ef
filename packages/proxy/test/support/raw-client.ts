import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer, as a client reads it. */
export interface RawAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const NO_ANSWER: RawAnswer = { status: 0, headers: new Map(), body: '' };
const LONGEST_MS = 20_000;

/** Sends these bytes, and reads one answer. */
export async function sendRaw(port: number, bytes: string): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  try {
    await once(socket, 'connect');
    socket.write(bytes, 'latin1');
    return await readAnswer(socket, bytes.startsWith('HEAD '));
  } catch {
    return NO_ANSWER;
  } finally {
    socket.destroy();
  }
}

/** Reads one answer off a socket. */
export function readAnswer(socket: Socket, toHead = false): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`no answer within ${LONGEST_MS} ms`)), LONGEST_MS);
    const done = (answer: RawAnswer) => {
      clearTimeout(timer);
      socket.off('data', read).off('close', ended);
      resolve(answer);
    };
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const answer = answerIn(text, toHead, false);
      if (answer) done(answer);
    };
    const ended = () => done(answerIn(text, toHead, true) ?? NO_ANSWER);
    socket.on('data', read).on('close', ended);
  });
}

function answerIn(text: string, toHead: boolean, ended: boolean): RawAnswer | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, head).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const rest = text.slice(head + 4);
  if (toHead || status === 101 || status === 204) return { status, headers, body: '' };
  if (headers.get('transfer-encoding') === 'chunked') {
    return rest.includes('0\r\n\r\n') || ended ? { status, headers, body: dechunked(rest) } : undefined;
  }
  const length = headers.get('content-length');
  if (length === undefined) return ended ? { status, headers, body: rest } : undefined;
  return rest.length >= Number(length) || ended
    ? { status, headers, body: rest.slice(0, Number(length)) }
    : undefined;
}

function dechunked(text: string): string {
  let [body, rest] = ['', text];
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest, 16);
    if (end < 0 || !(size > 0)) return body;
    body += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}

/** A request line, headers and a body as bytes. `Host` and `Connection` are as given. */
export function request(
  line: string,
  headers: readonly (readonly [name: string, value: string])[] = [],
  body = '',
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${line} HTTP/1.1\r\n${lines}\r\n${body}`;
}

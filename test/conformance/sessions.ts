import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What both lines of the SDK have in common, as far as sessions need it. */
export interface SessionTransport {
  handleRequest(request: IncomingMessage, response: ServerResponse, body?: unknown): Promise<void>;
  onclose?: (() => void) | undefined;
}

export interface SessionOptions {
  readonly sessionIdGenerator: () => string;
  readonly onsessioninitialized: (id: string) => void;
  readonly eventStore: EventStore;
  readonly retryInterval: number;
}

interface EventStore {
  storeEvent(stream: string, message: unknown): Promise<string>;
  getStreamIdForEventId(id: string): Promise<string | undefined>;
  replayEventsAfter(last: string, to: { send(id: string, message: never): Promise<void> }): Promise<string>;
}

/**
 * Serves revisions with sessions: a server and a transport for each.
 *
 * @param open makes both, and connects them
 */
export function sessionHandler(open: (options: SessionOptions) => Promise<SessionTransport>) {
  const sessions = new Map<string, SessionTransport>();
  return async (request: IncomingMessage, response: ServerResponse, body?: unknown): Promise<void> => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known !== undefined) return known.handleRequest(request, response, body);
    if (Object(body).method !== 'initialize') {
      response.writeHead(id === undefined ? 400 : 404, { 'Content-Type': 'application/json' });
      const error = { code: -32_000, message: 'There is no such session' };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
      return;
    }
    let opened = '';
    const transport = await open({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (given) => {
        opened = given;
        sessions.set(given, transport);
      },
      eventStore: memoryEvents(),
      retryInterval: 500,
    });
    const { onclose } = transport;
    transport.onclose = () => {
      sessions.delete(opened);
      onclose?.();
    };
    await transport.handleRequest(request, response, body);
  };
}

/** Keeps the events of a session, for clients that reconnect. */
function memoryEvents(): EventStore {
  const kept: { readonly id: string; readonly stream: string; readonly message: unknown }[] = [];
  const streamOf = (id: string) => kept.find((one) => one.id === id)?.stream;
  return {
    async storeEvent(stream, message) {
      const id = `${stream}_${kept.length}`;
      kept.push({ id, stream, message });
      return id;
    },
    getStreamIdForEventId: async (id) => streamOf(id),
    async replayEventsAfter(last, { send }) {
      const stream = streamOf(last) ?? '';
      const after = kept.slice(kept.findIndex(({ id }) => id === last) + 1);
      for (const { id, message } of after.filter((one) => one.stream === stream)) {
        // Events without a message only open a stream.
        if (Object.keys(Object(message)).length > 0) await send(id, message as never);
      }
      return stream;
    },
  };
}

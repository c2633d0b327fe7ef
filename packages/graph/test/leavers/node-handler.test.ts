import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  closeAfterEach,
  eventually,
  feedOn,
  localEntra,
  notification,
  rarely,
  readyFeed,
  SECRET,
  type TestFeed,
  verdict,
} from '../support/feed.js';

closeAfterEach();
vi.setConfig({ testTimeout: 30_000 });

it('answers 500 where a body was read and thrown away, and ends nothing', async () => {
  const feed = feedOn(await localEntra(), { clientState: SECRET });
  const ended: unknown[] = [];
  const response = { setHeader: () => {}, end: (body: unknown) => void ended.push(body), statusCode: 0 };
  await feed.leavers.node({ method: 'POST', url: '/x', resume: () => {} } as never, response as never);
  expect([response.statusCode, ended.length]).toEqual([500, 1]);
});

describe('over node:http', () => {
  let server: Server | undefined;
  afterEach(
    () => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
  );

  async function call(
    feed: TestFeed,
    {
      path,
      method = 'POST',
      body = '',
      parsed,
    }: { path: string; method?: string; body?: string; parsed?: 'text' | 'json' | 'bytes' },
  ) {
    server = createServer(async (req: IncomingMessage & { body?: unknown }, res) => {
      if (parsed !== undefined) {
        const chunks: Buffer[] = [];
        for await (const chunk of req) chunks.push(chunk as Buffer);
        const bytes = Buffer.concat(chunks);
        req.body =
          parsed === 'bytes' ? bytes : parsed === 'text' ? bytes.toString() : JSON.parse(bytes.toString());
      }
      await feed.leavers.node(req, res);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    return new Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }>(
      (resolve, reject) => {
        const req = send({ port, host: '127.0.0.1', path, method, agent: false }, (res) => {
          let text = '';
          res
            .on('data', (chunk) => (text += chunk))
            .on('end', () => resolve({ status: res.statusCode ?? 0, text, headers: res.headers }));
        });
        req.on('error', reject).end(body);
      },
    );
  }

  it.each([undefined, 'json', 'text', 'bytes'] as const)(
    'takes a notification whose body was read as %s',
    async (parsed) => {
      const entra = await localEntra();
      const feed = await readyFeed(entra, { ...rarely, clientState: SECRET });
      entra.disable('ada');
      const body = JSON.stringify({ value: [notification(entra, 'ada')] });
      const answer = await call(feed, {
        path: '/entra/notify',
        body,
        ...(parsed === undefined ? {} : { parsed }),
      });
      expect(answer.status).toBe(202);
      await eventually(() => expect(verdict(feed, entra, 'ada')).toBe('refused'));
    },
  );

  it('answers the handshake, other methods, and paths that are not', async () => {
    const entra = await localEntra();
    const feed = feedOn(entra, { clientState: SECRET });
    const shaken = await call(feed, { path: '/entra/notify?validationToken=a%20b' });
    expect([shaken.status, shaken.text, shaken.headers['x-content-type-options']]).toEqual([
      200,
      'a b',
      'nosniff',
    ]);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    expect((await call(feed, { path: '/entra/notify', method: 'DELETE' })).status).toBe(405);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    expect((await call(feed, { path: '//elsewhere.example/x?validationToken=a', method: 'POST' })).text).toBe(
      'a',
    );
  });
});

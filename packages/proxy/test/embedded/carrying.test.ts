import { once } from 'node:events';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../scripts/free-port.mjs';
import { localhostCertificate } from '../../../testing/src/transport/localhost-certificate.js';
import { application, type Behind, behind, bytesApplication, type Started } from '../support/behind.js';
import { HOST } from '../support/policy-text.js';
import { readAnswer, request, sendRaw } from '../support/raw-client.js';

let place: Behind;
let app: Started;
afterEach(async () => {
  await place?.close();
  await app?.close();
});

const send = (
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: object } = {},
): ClientRequest =>
  ask({ host: '127.0.0.1', port: place.port, path, method, headers: { ...place.reader, ...headers } });
const answerTo = async (sent: ClientRequest): Promise<IncomingMessage> => (await once(sent, 'response'))[0];
const textOf = async (answer: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
};
const get = async (path = '/orders/1') => {
  const sent = send(path);
  sent.end();
  const answer = await answerTo(sent);
  return { status: answer.statusCode, headers: answer.headers, text: await textOf(answer) };
};

describe('answers', () => {
  it('begin as soon as the application begins, also without a byte of a body', async () => {
    let finish = (): void => {};
    app = await application((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      finish = () => response.end('data: last\n\n');
      response.write('data: first\n\n');
    });
    place = await behind(app.port);
    const sent = send('/orders/events');
    sent.end();
    const answer = await answerTo(sent);
    const [first] = await once(answer, 'data');
    expect(String(first)).toBe('data: first\n\n');
    finish();
    expect(await textOf(answer)).toBe('data: last\n\n');
  });

  it('keep their status, their reason, repeated headers and their order', async () => {
    app = await bytesApplication((socket) =>
      socket.on('data', () =>
        socket.write(
          'HTTP/1.1 418 Short And Stout\r\nSet-Cookie: a=1\r\nX-Case: kept\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nno',
        ),
      ),
    );
    place = await behind(app.port);
    const sent = send('/orders/1');
    sent.end();
    const answer = await answerTo(sent);
    expect([answer.statusCode, answer.statusMessage, await textOf(answer)]).toEqual([
      418,
      'Short And Stout',
      'no',
    ]);
    expect(answer.rawHeaders.slice(0, 6)).toEqual([
      'Set-Cookie',
      'a=1',
      'X-Case',
      'kept',
      'Set-Cookie',
      'b=2',
    ]);
  });

  it('lose what belongs to the connection, and cookies of the proxy that an application would set', async () => {
    app = await bytesApplication((socket) =>
      socket.on('data', () =>
        socket.write(
          'HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nSet-Cookie: __Host-entra=chosen; Path=/\r\nSet-Cookie: __host-Entra-x=chosen\r\nSet-Cookie: own=1\r\nContent-Length: 0\r\n\r\n',
        ),
      ),
    );
    place = await behind(app.port);
    const { headers } = await get();
    expect(headers['x-hop']).toBeUndefined();
    expect(headers['keep-alive'] ?? '').not.toContain('timeout=9');
    expect(headers['set-cookie']).toEqual(['own=1']);
  });

  it('come after hints that the application sends first', async () => {
    app = await bytesApplication((socket) =>
      socket.on('data', () =>
        socket.write(
          'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        ),
      ),
    );
    place = await behind(app.port);
    expect(await get()).toMatchObject({ status: 200, text: 'ok' });
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', 200],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n', 304],
  ])('to %s end without a body: %j', async (method, bytes, status) => {
    app = await bytesApplication((socket) => socket.on('data', () => socket.write(bytes)));
    place = await behind(app.port);
    const sent = send('/orders/1', { method });
    sent.end();
    const answer = await answerTo(sent);
    expect([answer.statusCode, await textOf(answer)]).toEqual([status, '']);
  });

  it('arrive whole, whatever their framing, and wait for a client that reads slowly', async () => {
    const whole = Buffer.alloc(8_000_000, 'x');
    app = await application((_, response) => response.end(whole));
    place = await behind(app.port);
    const sent = send('/orders/1');
    sent.end();
    const answer = await answerTo(sent);
    answer.pause();
    await new Promise((resolve) => setImmediate(resolve));
    expect(Buffer.byteLength(await textOf(answer))).toBe(whole.length);
  });
});

describe('requests', () => {
  it('stream their bodies, before their end', async () => {
    let first = (_: string): void => {};
    const began = new Promise<string>((resolve) => {
      first = resolve;
    });
    app = await application(async (received, response) => {
      received.once('data', (chunk) => first(String(chunk)));
      response.end(String((await textOf(received)).length));
    });
    place = await behind(app.port);
    const sent = send('/upload', { method: 'POST' });
    sent.write('begin');
    expect(await began).toBe('begin');
    sent.end('end');
    expect(await textOf(await answerTo(sent))).toBe('8');
  });

  it('go on when they wait to be told so, and only if they may pass', async () => {
    app = await application(async (received, response) => response.end(await textOf(received)));
    place = await behind(app.port);
    const sent = send('/upload', { method: 'POST', headers: { Expect: '100-continue' } });
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.end('body');
    expect(await textOf(await answerTo(sent))).toBe('body');
    const refused = send('/upload', {
      method: 'POST',
      headers: { Expect: '100-continue', Authorization: 'Bearer x' },
    });
    let wasTold = false;
    refused.once('continue', () => {
      wasTold = true;
    });
    refused.flushHeaders();
    expect((await answerTo(refused)).statusCode).toBe(401);
    expect(wasTold).toBe(false);
    refused.destroy();
  });

  it('get an answer that comes before their body was read', async () => {
    app = await application((_, response) => {
      response.writeHead(413);
      response.end('too much');
    });
    place = await behind(app.port);
    const sent = send('/upload', { method: 'POST', headers: { 'Content-Length': '50000000' } });
    sent.on('error', () => {});
    sent.write(Buffer.alloc(1_000_000));
    const answer = await answerTo(sent);
    expect([answer.statusCode, await textOf(answer)]).toEqual([413, 'too much']);
    sent.destroy();
  });

  it('end at the application when the client is gone', async () => {
    let gone = (): void => {};
    const ended = new Promise<void>((resolve) => {
      gone = resolve;
    });
    app = await application((_, response) => {
      response.write('first');
      response.once('close', () => gone());
    });
    place = await behind(app.port);
    const sent = send('/orders/1');
    sent.on('error', () => {});
    sent.end();
    await once(await answerTo(sent), 'data');
    sent.destroy();
    await ended;
  });

  it('end at the application when the client is gone halfway through its body', async () => {
    let gone = (): void => {};
    const ended = new Promise<void>((resolve) => {
      gone = resolve;
    });
    let began = (): void => {};
    const received = new Promise<void>((resolve) => {
      began = resolve;
    });
    app = await application((incoming) => {
      incoming.on('error', () => {});
      incoming.once('data', () => began());
      incoming.once('close', () => gone());
    });
    place = await behind(app.port);
    const sent = send('/upload', { method: 'POST', headers: { 'Content-Length': '1000' } });
    sent.on('error', () => {});
    sent.write('half');
    await received;
    sent.destroy();
    await ended;
  });

  it('use a connection again, and not one that was cut', async () => {
    app = await application((_, response) => response.end('ok'));
    place = await behind(app.port);
    for (let count = 0; count < 20; count++) expect((await get()).status).toBe(200);
    expect(app.connections()).toBe(1);
  });
});

describe('an application that fails', () => {
  it('is a 502 where it can not be reached, and the client learns nothing of where it is', async () => {
    const port = await freePort();
    const logged: { message: string; hint?: string | undefined; owner?: string | undefined }[] = [];
    place = await behind(port, { log: (entry) => logged.push(entry) });
    const { status, text, headers } = await get();
    expect([status, headers['content-type']]).toEqual([502, 'application/problem+json']);
    expect(text).not.toContain(String(port));
    expect(logged[0]).toMatchObject({ event: 'upstream', cause: 'ECONNREFUSED', handler: 'orders' });
    app = await application((_, response) => response.end());
  });

  it('is a 504 where its answer does not begin in time', async () => {
    app = await bytesApplication(() => {});
    place = await behind(app.port, { upstream: { headers: 0.2 } });
    expect(await get()).toMatchObject({ status: 504 });
  });

  it('ends the answer where it pauses for too long, so that no client hangs', async () => {
    app = await bytesApplication((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
    );
    place = await behind(app.port, { upstream: { idle: 1 } });
    await expect(get()).rejects.toThrow(/aborted|reset|hang up/);
  });

  it.each([
    ['in the middle of a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal'],
  ])('cuts the answer off that it cuts off %s', async (_, bytes) => {
    app = await bytesApplication((socket) => socket.on('data', () => socket.end(bytes)));
    place = await behind(app.port);
    await expect(get()).rejects.toThrow(/aborted|reset|hang up/);
  });

  it.each([
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nBad Header\r\n\r\n',
    'nonsense\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
  ])('is a 502 for an answer that can be read in two ways: %j', async (bytes) => {
    app = await bytesApplication((socket) => socket.on('data', () => socket.end(bytes)));
    place = await behind(app.port);
    expect((await get()).status).toBe(502);
  });

  it('is asked once more where it closed the connection under a request that changes nothing', async () => {
    app = await bytesApplication((socket, count) =>
      socket.on('data', () => {
        if (count === 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }),
    );
    place = await behind(app.port);
    expect(await get()).toMatchObject({ status: 200, text: 'ok' });
    expect(app.connections()).toBe(2);
  });

  it('is not asked a second time where something may have changed', async () => {
    app = await bytesApplication((socket) => socket.on('data', () => socket.destroy()));
    place = await behind(app.port);
    for (const length of ['0', '2']) {
      const sent = send('/upload', { method: 'POST', headers: { 'Content-Length': length } });
      sent.end(length === '0' ? undefined : 'ab');
      expect((await answerTo(sent)).statusCode).toBe(502);
    }
    expect(app.connections()).toBe(2);
  });
});

describe('an application over TLS', () => {
  const certificate = localhostCertificate;
  const secure = () => application((_, response) => response.end('secret'), certificate);

  it('is verified: a certificate of an unknown authority is a 502', async () => {
    app = await secure();
    place = await behind(`https://localhost:${app.port}`);
    expect(await get()).toMatchObject({ status: 502 });
  });

  it('is reached where its authority is known', async () => {
    app = await secure();
    place = await behind(`https://localhost:${app.port}`, { upstream: { ca: certificate.cert } });
    expect(await get()).toMatchObject({ status: 200, text: 'secret' });
  });

  it('is verified by its address where its URL has one', async () => {
    app = await secure();
    place = await behind(`https://127.0.0.1:${app.port}`, { upstream: { ca: certificate.cert } });
    expect(await get()).toMatchObject({ status: 200, text: 'secret' });
  });

  it('is verified by the name in its URL, and never by the Host of a request', async () => {
    app = await secure();
    // An address of this machine that the certificate does not name.
    place = await behind(`https://127.0.0.2:${app.port}`, { upstream: { ca: certificate.cert } });
    expect(await get()).toMatchObject({ status: 502 });
    const upgrade = await sendRaw(
      place.port,
      request('GET /orders/live', [
        ['Host', HOST],
        ['Authorization', place.reader.Authorization],
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
      ]),
    );
    expect(upgrade.status).toBe(502);
  });
});

describe('many at once', () => {
  it('wait for a connection, and all get their own answer', async () => {
    app = await application((received, response) => response.end(received.url));
    place = await behind(app.port, { upstream: { connections: 4 } });
    const paths = Array.from({ length: 200 }, (_, index) => `/orders/${index}`);
    const answers = await Promise.all(paths.map((path) => get(path)));
    expect(answers.map(({ text }) => text)).toEqual(paths);
    expect(app.connections()).toBeLessThanOrEqual(4);
  });

  it('of one connection are answered in their order', async () => {
    app = await application((received, response) => response.end(received.url));
    place = await behind(app.port);
    const socket = connect(place.port, '127.0.0.1');
    await once(socket, 'connect');
    const head = (path: string) =>
      request(`GET ${path}`, [
        ['Host', HOST],
        ['Authorization', place.reader.Authorization],
      ]);
    socket.write(head('/orders/1') + head('/orders/2'));
    expect((await readAnswer(socket)).body).toContain('/orders/1');
    socket.destroy();
  });
});

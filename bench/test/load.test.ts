import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connections, eachOnce } from '../engine/load.js';

const seen: string[] = [];
let most = 0;
let now = 0;
const server = createServer((request, response) => {
  most = Math.max(most, ++now);
  const token = request.headers.authorization ?? '';
  seen.push(token);
  setImmediate(() => {
    now--;
    response.statusCode = token === 'Bearer refused' ? 401 : 200;
    response.end('[]');
  });
});
let connections: Connections;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  connections = new Connections(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 3);
});
afterAll(async () => {
  await connections.close();
  server.close();
});

describe('load', () => {
  it('sends every token once, no more at a time than there are connections, and counts the answers', async () => {
    const tokens = Array.from({ length: 20 }, (_, index) => `token${index}`);
    const { requests } = await connections.load(eachOnce(tokens));
    expect(requests).toBe(20);
    expect(seen).toHaveLength(20);
    expect(new Set(seen)).toEqual(new Set(tokens.map((token) => `Bearer ${token}`)));
    expect(most).toBeLessThanOrEqual(3);
  });

  it('does not count what was refused as fast', async () => {
    await expect(connections.load(eachOnce(['fine', 'refused']))).rejects.toThrow(
      'answered with 401, not with 200',
    );
  });
});

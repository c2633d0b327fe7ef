import { describe, expect, it, onTestFinished } from 'vitest';
import { type Connection, LINES, type Line } from '../mcp/lines.js';
import type { NestOrders } from './mcp-orders.js';
import { platforms } from './platforms.js';

// MCP-Nest 2 is tested with the majors of NestJS that its peers on Fastify name.
const isServed = process.env.NEST_MAJOR !== '10';
const about = isServed
  ? 'an MCP server of MCP-Nest'
  : 'an MCP server: skipped, MCP-Nest 2 is for NestJS 11 and later';
const { startNestOrders } = isServed
  ? await import('./mcp-orders.js')
  : { startNestOrders: undefined as never };

async function connectedAs(
  line: Line,
  { url }: NestOrders,
  headers?: Record<string, string>,
): Promise<Connection> {
  const connection = line.connect(url, undefined, headers);
  onTestFinished(() => connection.close());
  await connection.connected;
  return connection;
}

describe.skipIf(!isServed)(about, () => {
  describe.each(platforms)('on %s', (platform) => {
    it.each(['SDK 1', 'SDK 2, modern'] as const)(
      'lists and calls what its caller may use, with %s',
      async (name) => {
        const server = await startNestOrders(platform);
        const { entra } = server;
        const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
        const connection = await connectedAs(LINES[name], server, ada.headers);
        expect(await connection.list()).toEqual([
          'orders.list',
          'orders.create',
          'orders.ship',
          'orders.pay',
          'orders.count',
        ]);
        const id = entra.objectIdOf('ada');
        expect(await connection.call('orders.list')).toBe(`all for ${id}, by a request of ${id}`);
      },
    );
  });
});

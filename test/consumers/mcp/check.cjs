// What both forms of the package have to do on each host, for each line of the SDK: challenge, list, call, ask for a scope.
const assert = require('node:assert/strict');
const { once } = require('node:events');

/** @param packages as they were loaded */
module.exports = async ({ core, expressGuard, mcp: { entraMcp }, startEntra, first, second, hosts, z }) => {
  const resource = 'http://localhost/mcp';
  const entra = await startEntra({
    apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'], applicationIdUri: resource } },
  });
  const text = (words) => ({ content: [{ type: 'text', text: words }] });
  const registered = (mcp, server, inputSchema, authInfo) => {
    const { tool } = mcp.registrar(server, authInfo);
    tool('orders.list', { inputSchema }, ({ first: n }, ctx) => text(`${n} of ${mcp.authOf(ctx).objectId}`));
    tool('orders.create', {}, () => text('created'));
    return server;
  };
  const about = { name: 'orders', version: '1.0.0' };
  const lines = {
    async 'SDK 1'(mcp, req, res, body) {
      const server = registered(mcp, new first.McpServer(about), { first: z.number() });
      const transport = new first.StreamableHTTPServerTransport({ enableJsonResponse: true });
      res.on('close', () => void server.close());
      await server.connect(transport);
      await transport.handleRequest(req, res, body);
    },
    async 'SDK 2'(mcp, req, res, body) {
      const handler = second.createMcpHandler(({ authInfo }) =>
        registered(mcp, new second.McpServer(about), z.object({ first: z.number() }), authInfo),
      );
      await second.toNodeHandler(handler)(req, res, body);
    },
  };

  for (const [host, express] of Object.entries(hosts)) {
    for (const [line, handle] of Object.entries(lines)) {
      const guard = expressGuard.entraGuard({ ...entra.options('orders'), log: false });
      const mcp = entraMcp({
        guard,
        resource,
        initialScopes: ['Orders.Read'],
        tools: { 'orders.list': core.scopes('Orders.Read'), 'orders.create': core.scopes('Orders.Write') },
      });
      const app = express();
      app.use(mcp.express((req, res, body) => handle(mcp, req, res, body)));
      guard.assertAllGuarded(app);
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const ada = entra.user('ada', { scp: 'Orders.Read' });
      const ask = (method, params, headers = ada.headers) =>
        fetch(`http://127.0.0.1:${server.address().port}/mcp`, {
          method: 'POST',
          headers: {
            ...headers,
            connection: 'close',
            accept: 'application/json, text/event-stream',
            'content-type': 'application/json',
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        });
      const said = async (response) => JSON.parse((await response.text()).replace(/^.*?data: /s, ''));
      const where = `${line} on ${host}`;

      const anonymous = await ask('tools/list', {}, {});
      assert.equal(anonymous.status, 401, where);
      assert.match(anonymous.headers.get('www-authenticate') ?? '', /resource_metadata="/, where);
      const { result } = await said(await ask('tools/list', {}));
      assert.deepEqual(result.tools.map(({ name }) => name).sort(), ['orders.create', 'orders.list'], where);
      const called = await said(await ask('tools/call', { name: 'orders.list', arguments: { first: 3 } }));
      assert.equal(called.result.content[0].text, `3 of ${ada.claims.oid}`, where);
      assert.equal((await ask('tools/call', { name: 'orders.create', arguments: {} })).status, 403, where);

      server.close();
      await guard.close();
    }
  }
  await entra.close();
};

import { describe, expect, it, onTestFinished } from 'vitest';
import { Editor } from './editor.js';
import { LINES } from './lines.js';
import { startOrders } from './orders-server.js';

describe.each(Object.entries(LINES))('with the façade, %s', (_, line) => {
  it("signs in at Entra, by metadata at the server's own origin", async () => {
    const server = await startOrders(line.handlerOf, { facade: true });
    const editor = new Editor(server.entra);
    const first = line.connect(server.url, editor);
    await expect(first.connected).rejects.toThrow(/unauthorized/i);
    const [asked] = editor.asked;
    expect(asked?.origin).toBe(server.entra.origin);
    expect(Object.fromEntries(asked?.searchParams ?? [])).toMatchObject({
      code_challenge_method: 'S256',
      resource: server.url.href,
      scope: `${server.url.href}/Orders.Read`,
    });
    expect(asked?.searchParams.has('prompt')).toBe(false);
    await first.finishAuth(await editor.signIn());
    await first.close();
    const second = line.connect(server.url, editor);
    onTestFinished(() => second.close());
    await second.connected;
    expect(await second.call('orders.list')).toBe(`all for ${server.entra.objectIdOf('ada')}`);
    expect(server.requests()).toContain('GET /.well-known/oauth-authorization-server 200');
    expect(
      server
        .requests()
        .filter((one) => one.startsWith('POST'))
        .every((one) => one.startsWith('POST /mcp')),
    ).toBe(true);
  });
});

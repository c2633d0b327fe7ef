import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from './run-command.js';
import { whileServing as whileRunning } from './while-serving.js';

let cwd: string;
let app: Server;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'entra-guard-proxy-'));
  app = createServer((_, response) => response.end('page'));
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  write();
});
afterEach(() => {
  app.close();
  app.closeAllConnections();
  rmSync(cwd, { recursive: true });
});

const policyText = (more = '') => `version: 1
entra: { tenantId: aaaabbbb-0000-cccc-1111-dddd2222eeee, clientId: 00001111-aaaa-2222-bbbb-3333cccc4444 }
${more}apps:
  orders:
    host: orders.contoso.example
    upstream: http://127.0.0.1:${(app.address() as { port: number }).port}
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: load balancer probe }
`;
const write = (text = policyText()) => writeFileSync(join(cwd, 'entra-guard.yaml'), text);
const NOWHERE = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];

async function statusOf(url: string, path: string): Promise<number> {
  const sent = request(`${url}${path}`, { headers: { Host: 'orders.contoso.example' }, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

const whileServing = (args: readonly string[], act: Parameters<typeof whileRunning>[1]) =>
  whileRunning(['proxy', ...args], act, { cwd });

describe('entra-guard proxy', () => {
  it('stands in front of applications until it is ended', async () => {
    const { code, stdout, stderr } = await whileServing(NOWHERE, async (url) => {
      expect([await statusOf(url, '/health'), await statusOf(url, '/other')]).toEqual([200, 403]);
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Listens at http:\/\/127\.0\.0\.1:[0-9]+, by version [0-9a-f]{12}\./);
    expect(stdout).toContain('orders: orders.contoso.example to http://127.0.0.1:');
    expect(stderr).toMatch(
      /The key that signs was made now.*\nEnds when what is running is over.*\nEnded\.\n/,
    );
  });

  it('takes a changed policy on SIGHUP, and keeps the earlier one where the new one is bad', async () => {
    const { stderr } = await whileServing(NOWHERE, async (url, reload) => {
      write('version: 2\n');
      reload();
      expect(await statusOf(url, '/health')).toBe(200);
      write(policyText().replace('/health', '/other'));
      reload();
      expect([await statusOf(url, '/health'), await statusOf(url, '/other')]).toEqual([403, 200]);
    });
    expect(stderr).toContain("The policy can't be used, and the earlier one stays.");
    expect(stderr).toMatch(/Decides by version [0-9a-f]{12} now\./);
  });

  it('takes a changed policy without being told', async () => {
    await whileServing(NOWHERE, async (url) => {
      write(policyText().replace('/health', '/other'));
      await vi.waitFor(async () => expect(await statusOf(url, '/other')).toBe(200), {
        timeout: 10_000,
        interval: 100,
      });
    });
  }, 15_000);

  it.each<[readonly string[], string, RegExp]>([
    [['--listen', 'here'], '', /listen is not an address/],
    [['--key', 'missing.pem'], '', /could not be read \(ENOENT\)/],
    [['--ca', 'missing.pem'], '', /certificates missing\.pem could not be read \(ENOENT\)/],
    [['--revocations', 'redis://127.0.0.1:1'], '', /--when-stale is not/],
    [['--revocations', 'nowhere', '--when-stale', 'refuse'], '', /--revocations is not the URL of a Redis/],
    [['--revocations', 'redis://127.0.0.1:1', '--when-stale', 'refuse'], '', /127\.0\.0\.1:1/],
    [['--when-stale', 'perhaps'], '', /Allowed choices are refuse, accept/],
    [[], "sessions: { store: 'redis://user:top-secret@127.0.0.1:1' }\n", /127\.0\.0\.1:1/],
    [['nothing.yaml'], '', /There is no file/],
  ])('does not start with %j and %j', async (args, more, words) => {
    write(policyText(more));
    const { code, stderr } = await runCommand(['proxy', ...args], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
    expect(stderr).not.toContain('top-secret');
  });

  it('says that an application has no upstream, and that a policy is not one', async () => {
    write(policyText().replace(/ {4}upstream.*\n/, ''));
    const none = await runCommand(['proxy'], { cwd });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('apps.orders has no upstream')]);
    write('version: 2\n');
    const bad = await runCommand(['proxy'], { cwd });
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringContaining('entra-guard.yaml:1:10')]);
  });
});

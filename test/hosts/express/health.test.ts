import { anonymous, entraGuard, type LogEntry, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen } from '../../support/listen.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
let log: LogEntry[];
let now: number;
let end: () => Promise<void>;

beforeEach(async () => {
  entra = await startEntra();
  log = [];
  now = Date.now();
});

afterEach(() => end());

describe.each(majors)('%s', (_, express) => {
  async function start(): Promise<string> {
    const sink = (entry: LogEntry): void => {
      log.push(entry);
    };
    const guard = entraGuard({ ...entra.options(), now: () => now, log: sink });
    const app = express();
    app.get('/ready', guard.require(anonymous().because('the platform asks')), async (_request, response) => {
      const { status, message } = await guard.health();
      response.status(status === 'down' ? 503 : 200).json({ status, message });
    });
    app.get('/orders', guard.require(scopes('Read')), (_request, response) => {
      response.json([]);
    });
    await guard.health();
    const { origin, close } = await listen(app);
    end = async () => {
      guard.validator.close();
      await close();
    };
    return origin;
  }

  it('a readiness probe answers by guard.health()', async () => {
    const origin = await start();
    const ready = await fetch(`${origin}/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: 'up', message: 'Signing keys are loaded and fresh.' });
  });

  it('with the authority unreachable the API starts, says so once, and answers 503 until keys come', async () => {
    const restore = entra.fail('metadata', 503);
    const origin = await start();
    const { headers } = entra.user('ada', { scp: 'Read' });
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await fetch(`${origin}/orders`, { headers });
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${origin}/ready`)).status).toBe(503);
    }
    expect(log.filter(({ event }) => event === 'keys')).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringContaining('status 503') }),
    ]);
    restore();
    now += 1000;
    expect((await fetch(`${origin}/orders`, { headers })).status).toBe(200);
    expect((await fetch(`${origin}/ready`)).status).toBe(200);
  });
});

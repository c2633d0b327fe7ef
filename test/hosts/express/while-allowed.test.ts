import {
  authOf,
  type ExpressGuard,
  entraGuard,
  memoryRevocations,
  scopes,
  TokenError,
} from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { listen } from '../../support/listen.js';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());
afterEach(() => {
  vi.useRealTimers();
});

const because = 'left the company';
const read = scopes('Orders.Read');

interface Stream {
  readonly response: Response;
  /** What the handler's signal ended with. */
  readonly reason: Promise<unknown>;
  /** All that was sent until the response ended. */
  readonly text: Promise<string>;
}

describe.each(majors)('a response of %s that lasts', (_, express) => {
  async function serving(more: { early?: boolean; isRevoked?: () => boolean } = {}) {
    const revocations = memoryRevocations({ margin: 0 });
    const { early = false, ...options } = more;
    const guard: ExpressGuard = entraGuard({ ...guardOptions(entra), revocations, ...options });
    const signals: AbortSignal[] = [];
    const app = express().get('/events', guard.require(read), (req, res) => {
      signals.push(guard.whileAllowed(req, res));
      if (!early) res.write('data: 1\n\n');
    });
    const host = await listen(app);
    onTestFinished(async () => {
      await guard.close();
      await host.close();
    });
    const open = async (name: string): Promise<Stream> => {
      const at = signals.length;
      const asking = fetch(`${host.origin}/events`, {
        headers: entra.user(name, { scp: 'Orders.Read' }).headers,
      });
      await vi.waitFor(() => expect(signals.length).toBe(at + 1));
      const signal = signals[at] as AbortSignal;
      const reason = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
      if (early)
        return { reason, response: undefined as never, text: asking.then((answer) => answer.text()) };
      const response = await asking;
      return { reason, response, text: response.text() };
    };
    return { guard, revocations, open, signals, origin: host.origin };
  }

  it('ends as soon as its caller is revoked, and those of other callers go on', async () => {
    const { revocations, open, signals, guard } = await serving();
    const ada = await open('ada');
    const grace = await open('grace');
    const auth = await guard.validator.validate(entra.user('ada', { scp: 'Orders.Read' }).token);
    const target = { user: String(auth.objectId), tenantId: auth.tenantId };
    await revocations.revoke(target, { because });
    expect(await ada.reason).toMatchObject({ code: 'token_revoked' });
    expect(await ada.text).toBe('data: 1\n\n');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await guard.close();
    expect(await grace.text).toBe('data: 1\n\n');
    expect(await grace.reason).toMatchObject({ message: 'The guard was closed.' });
  });

  it('that has sent nothing yet answers as the guard does', async () => {
    const { revocations, open } = await serving({ early: true });
    const stream = await open('ada');
    await revocations.revoke('everyone', { because, issuedBefore: Date.now() });
    expect(TokenError.is(await stream.reason)).toBe(true);
    expect(JSON.parse(await stream.text)).toMatchObject({ status: 401, code: 'token_revoked' });
  });

  it('is refused at once, if access was revoked since the guard let it pass', async () => {
    const revocations = memoryRevocations({ margin: 0 });
    const guard = entraGuard({ ...guardOptions(entra), revocations });
    const app = express().get('/events', guard.require(read), async (req, res) => {
      await revocations.revoke({ client: String(authOf(req)?.clientId) }, { because });
      guard.whileAllowed(req, res);
    });
    const host = await listen(app);
    onTestFinished(() => host.close());
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    expect((await fetch(`${host.origin}/events`, { headers })).status).toBe(401);
  });

  it('lets its signal abort when the client goes away', async () => {
    const { open, signals, revocations } = await serving();
    const { response, reason, text } = await open('ada');
    text.catch(() => {});
    await response.body?.cancel().catch(() => {});
    const host = signals[0] as AbortSignal;
    if (!host.aborted) await revocations.revoke('everyone', { because, issuedBefore: Date.now() });
    expect(await reason).toBeInstanceOf(Error);
  });
});

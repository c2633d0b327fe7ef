import 'reflect-metadata';
import { EntraGuardModule, OpenRights, Public, RequireScopes } from '@entra-guard/nestjs';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Controller, type MessageEvent, Sse } from '@nestjs/common';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { platforms, serve } from '../nest/platforms.js';

let entra: LocalEntra;
let revoked: boolean;
beforeEach(async () => {
  entra = await startEntra();
  revoked = false;
});
afterEach(async () => {
  vi.useRealTimers();
  await entra.close();
});

describe.each(platforms)('server-sent events on %s', (platform) => {
  async function start() {
    const events = new Subject<MessageEvent>();

    @Controller()
    class EventsController {
      @Sse('events') @RequireScopes('Read') events(): Subject<MessageEvent> {
        return events;
      }
      @Sse('open') @Public() open(): Subject<MessageEvent> {
        return events;
      }
    }
    const options = { ...entra.options(), log: false as const, isRevoked: () => revoked };
    const imports = [EntraGuardModule.forRoot(options)];
    const { app, origin } = await serve(platform, { imports, controllers: [EventsController] });
    return { events, origin, rights: app.get(OpenRights) };
  }

  /** Reads along, until the stream ends or breaks off. */
  function listen(answer: Response): { text: string; readonly ended: Promise<unknown> } {
    const heard = { text: '', ended: Promise.resolve() as Promise<unknown> };
    const read = async () => {
      for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
        heard.text += Buffer.from(part);
      }
      return 'ended';
    };
    heard.ended = read().catch(() => 'cut off');
    return heard;
  }

  it.each([
    ['no token', () => undefined, 401],
    ['an expired one', () => entra.wrong.expired().headers, 401],
    ['the wrong scope', () => entra.user('ada', { scp: 'Other' }).headers, 403],
  ])('refuse %s before anything is sent', async (_, headers, status) => {
    const { events, origin, rights } = await start();
    const given = headers();
    expect((await fetch(`${origin}/events`, given ? { headers: given } : {})).status).toBe(status);
    expect(rights.size).toBe(0);
    expect(events.observed).toBe(false);
  });

  it.each([
    ['expires', () => vi.setSystemTime(Date.now() + 3 * 60 * 60_000)],
    [
      'is revoked',
      () => {
        revoked = true;
      },
    ],
  ])('end when the token %s, and nothing is pushed afterwards', async (_, endRight) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const { events, origin, rights } = await start();
    const { headers } = entra.user('ada', { scp: 'Read' });
    const answering = fetch(`${origin}/events`, { headers });
    await vi.waitUntil(() => events.observed);
    events.next({ data: 'first' });
    const heard = listen(await answering);
    await vi.waitUntil(() => heard.text.includes('first'));
    await rights.recheck();
    expect(rights.size).toBe(1);
    events.next({ data: 'second' });
    await vi.waitUntil(() => heard.text.includes('second'));
    endRight();
    await rights.recheck();
    events.next({ data: 'third' });
    expect(await heard.ended).toBe('cut off');
    expect(heard.text).not.toContain('third');
    await vi.waitUntil(() => !events.observed);
    expect(rights.size).toBe(0);
  });

  it('that are public go on whatever happens, and are not watched', async () => {
    const { events, origin, rights } = await start();
    const answering = fetch(`${origin}/open`);
    await vi.waitUntil(() => events.observed);
    expect(rights.size).toBe(0);
    events.next({ data: 'first' });
    events.complete();
    const heard = listen(await answering);
    expect(await heard.ended).toBe('ended');
    expect(heard.text).toContain('first');
  });
});

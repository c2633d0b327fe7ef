import 'reflect-metadata';
import {
  anonymous,
  CredentialError,
  EntraGuard,
  EntraGuardModule,
  type HandlerAccess,
  type LogEntry,
  members,
  OptionalAuth,
  Public,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Controller, type ExecutionContext, Get, Injectable, type Type } from '@nestjs/common';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { oddCallers, oddValues, thenableOf } from './odd-values.js';
import { ask, keptLog, type Platform, platforms, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});

/** The handlers that were run. */
const reached: string[] = [];

@Controller()
class OrdersController {
  @Get() @RequireScopes('Read') list(): object {
    reached.push('list');
    return {};
  }
  @Get('open') @Public() open(): object {
    return {};
  }
  @Get('maybe') @OptionalAuth() maybe(): object {
    return {};
  }
  @Get('plain') plain(): object {
    reached.push('plain');
    return {};
  }
}

const reader = () => ({ headers: entra.user('ada', { scp: 'Read' }).headers });
const writer = () => ({ headers: entra.user('ada', { scp: 'Write' }).headers });

type Steps = Partial<
  Record<'adapterOf' | 'requestOf' | 'requirementOf' | 'decide' | 'handlerName' | 'toException', unknown>
>;

/** A guard whose steps are these functions, as a program without types may write them. */
function guardWith(steps: Steps): Type<EntraGuard> {
  @Injectable()
  class OddGuard extends EntraGuard {}
  Object.assign(OddGuard.prototype, steps);
  return OddGuard;
}

async function start(steps: Steps, platform: Platform = 'express') {
  reached.length = 0;
  const { entries, log } = keptLog();
  const imports = [EntraGuardModule.forRoot({ ...entra.options(), log, guard: guardWith(steps) })];
  const { origin } = await serve(platform, { imports, controllers: [OrdersController] });
  const refused = (): LogEntry[] => entries.filter(({ event }) => event === 'refused');
  return { origin, refused };
}

it('survives an adapterOf that rejects again while its own error is answered', async () => {
  const error = new CredentialError({
    code: 'credentials_missing',
    message: 'No credentials.',
    hint: 'Send some.',
  });
  const { origin } = await start({ adapterOf: () => Promise.reject(error) });
  expect((await ask(origin)).status).toBe(401);
  expect(reached).toEqual([]);
});

describe.each(platforms)('what requirementOf gives, on %s', (platform) => {
  it.each(oddValues)('refuses where it is not a decision: %s', async (_, value) => {
    const { origin, refused } = await start({ requirementOf: () => value }, platform);
    for (const init of [{}, reader()]) {
      const { status, body } = await ask(origin, init);
      expect([status, body]).toEqual([403, expect.objectContaining({ code: 'no_requirement' })]);
    }
    expect(reached).toEqual([]);
    const [entry] = refused();
    if (value !== undefined && !String(_).startsWith('a thenable of nothing'))
      expect(entry?.message).toMatch(/OrdersController\.list was called, and OddGuard\.requirementOf gave /);
  });

  it('is waited for whatever kind of promise it is', async () => {
    const decision: HandlerAccess = { mode: 'require', requirement: scopes('Write') };
    // zone.js and Bluebird replace the global Promise: `async` functions give another kind.
    const { origin } = await start({ requirementOf: async () => decision }, platform);
    class OtherPromise<T> extends Promise<T> {}
    vi.stubGlobal('Promise', OtherPromise);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect((await ask(origin)).status).toBe(401);
    expect((await ask(origin, reader())).status).toBe(403);
    expect((await ask(origin, writer())).status).toBe(200);
    vi.unstubAllGlobals();
    const other = await start({ requirementOf: () => thenableOf(decision) }, platform);
    expect((await ask(other.origin)).status).toBe(401);
    expect((await ask(other.origin, writer())).status).toBe(200);
  });

  it('decides where it is a decision', async () => {
    const open = await start(
      { requirementOf: () => ({ mode: 'require', requirement: anonymous() }) },
      platform,
    );
    expect((await ask(open.origin)).status).toBe(200);
    const optional = await start({ requirementOf: () => ({ mode: 'optional' }) }, platform);
    expect((await ask(optional.origin)).status).toBe(200);
    expect((await ask(optional.origin, { headers: { authorization: 'Bearer x' } })).status).toBe(401);
  });

  it.each([
    ['a bare requirement', () => scopes('Write')],
    ['a narrowing', () => ({ mode: 'require', requirement: members() })],
    ['what inherits from anonymous()', () => ({ mode: 'require', requirement: Object.create(anonymous()) })],
    ['a copy of anonymous()', () => ({ mode: 'require', requirement: { ...anonymous() } })],
  ])('refuses %s', async (_, requirementOf) => {
    const { origin } = await start({ requirementOf }, platform);
    expect((await ask(origin, writer())).status).toBe(403);
    expect(reached).toEqual([]);
  });

  it('is not read from Object.prototype', async () => {
    const { origin } = await start({}, platform);
    const given = await start({ requirementOf: () => ({}) }, platform);
    for (const [name, value] of Object.entries({
      mode: 'optional',
      requirement: anonymous(),
      role: 'anonymous',
      kind: 'public',
      optional: true,
    })) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
      try {
        // `fetch` itself reads a mode.
        const init: RequestInit = { mode: 'cors' };
        expect([name, (await ask(origin, init)).status]).toEqual([name, 401]);
        expect([name, (await ask(`${origin}/plain`, init)).status]).toEqual([name, 403]);
        expect([name, (await ask(given.origin, init)).status]).toEqual([name, 403]);
      } finally {
        delete (Object.prototype as Record<string, unknown>)[name];
      }
    }
    expect(reached).toEqual([]);
  });
});

describe('a step that is replaced on the prototype of EntraGuard itself', () => {
  it.each<readonly [step: string, steps: Steps, status: number]>([
    ['decide', { decide: () => undefined }, 403],
    ['requestOf', { requestOf: () => ({ headers: {} }) }, 401],
    ['toException', { toException: () => undefined }, 401],
  ])('is asked, and opens nothing: %s', async (_, steps, status) => {
    const [[name, step]] = Object.entries(steps) as [[string, unknown]];
    const before = Object.getOwnPropertyDescriptor(EntraGuard.prototype, name) as PropertyDescriptor;
    Object.defineProperty(EntraGuard.prototype, name, { ...before, value: step });
    onTestFinished(() => void Object.defineProperty(EntraGuard.prototype, name, before));
    const { origin } = await start({});
    expect((await ask(origin, name === 'toException' ? {} : reader())).status).toBe(status);
    expect(reached).toEqual([]);
  });
});

describe('what decide gives', () => {
  it.each(oddValues)('refuses where it is not a caller: %s', async (_, value) => {
    const { origin } = await start({ decide: () => value });
    expect((await ask(origin, reader())).status).toBe(403);
    expect(reached).toEqual([]);
  });

  it.each([
    ['undefined', undefined],
    ['a promise of undefined', Promise.resolve(undefined)],
  ])('refuses %s where a caller is required', async (_, value) => {
    const { origin } = await start({ decide: () => value });
    expect((await ask(origin, reader())).status).toBe(403);
    expect(reached).toEqual([]);
    expect((await ask(`${origin}/open`)).status).toBe(200);
    expect((await ask(`${origin}/maybe`)).status).toBe(200);
  });

  it.each(oddCallers)('refuses %s', async (_, of) => {
    const steps = {
      async decide(this: EntraGuard, ...step: Parameters<EntraGuard['decide']>) {
        const caller = await EntraGuard.prototype.decide.apply(this, step);
        return caller && of(caller);
      },
    };
    const { origin } = await start(steps);
    expect((await ask(origin, reader())).status).toBeGreaterThanOrEqual(400);
    expect(reached).toEqual([]);
  });

  it('refuses a caller who does not satisfy what the handler requires', async () => {
    const steps = {
      decide(this: EntraGuard, ...[request, , ...rest]: Parameters<EntraGuard['decide']>) {
        const looser: HandlerAccess = { mode: 'require', requirement: scopes('Write') };
        return EntraGuard.prototype.decide.call(this, request, looser, ...rest);
      },
    };
    const { origin } = await start(steps);
    expect((await ask(origin, writer())).status).toBe(403);
    expect(reached).toEqual([]);
    const both = { headers: entra.user('ada', { scp: 'Read Write' }).headers };
    expect((await ask(origin, both)).status).toBe(200);
  });
});

describe('what the other steps give', () => {
  it.each(oddValues)('adapterOf, refuses where it is not an adapter: %s', async (_, value) => {
    const { origin } = await start({ adapterOf: () => value });
    expect((await ask(origin, reader())).status).toBe(403);
    expect(reached).toEqual([]);
  });

  it('adapterOf may be a promise of an adapter', async () => {
    const adapterOf = async function (this: EntraGuard, context: ExecutionContext) {
      return EntraGuard.prototype.adapterOf.call(this, context);
    };
    const { origin } = await start({ adapterOf });
    expect((await ask(origin)).status).toBe(401);
    expect((await ask(origin, reader())).status).toBe(200);
  });

  it.each(oddValues)('requestOf, refuses where it shows no credentials: %s', async (_, value) => {
    const { origin } = await start({ requestOf: () => value });
    expect((await ask(origin, reader())).status).toBe(403);
    expect((await ask(`${origin}/maybe`, reader())).status).toBe(403);
    expect((await ask(`${origin}/open`, reader())).status).toBe(200);
    expect(reached).toEqual([]);
  });

  it('requestOf may be a promise of a request', async () => {
    const requestOf = async function (this: EntraGuard, context: ExecutionContext) {
      return EntraGuard.prototype.requestOf.call(this, context);
    };
    const { origin } = await start({ requestOf });
    expect((await ask(origin)).status).toBe(401);
    expect((await ask(origin, reader())).status).toBe(200);
  });

  it.each<readonly [string, unknown]>([
    ...oddValues,
    ['undefined', undefined],
    ['a promise that is rejected', undefined],
  ])('handlerName has no say, and ends no process: %s', async (name, value) => {
    const handlerName = () => (name.includes('rejected') ? Promise.reject(new Error('no name')) : value);
    const { origin, refused } = await start({ handlerName });
    expect((await ask(origin)).status).toBe(401);
    expect((await ask(origin, reader())).status).toBe(200);
    expect((await ask(origin, writer())).status).toBe(403);
    expect(typeof refused().at(-1)?.handler).toBe('string');
  });

  it.each<readonly [string, unknown]>([...oddValues, ['undefined', undefined]])(
    'toException can not turn a refusal into anything else: %s',
    async (_, value) => {
      const { origin } = await start({ toException: () => value });
      expect((await ask(origin)).status).toBeGreaterThanOrEqual(400);
      expect((await ask(origin, writer())).status).toBeGreaterThanOrEqual(400);
      expect(reached).toEqual([]);
    },
  );

  it('toException that gives nothing leaves the answer as it would have been', async () => {
    for (const toException of [() => undefined, () => Promise.resolve(), () => false]) {
      const { origin } = await start({ toException });
      const { status, body, headers } = await ask(origin);
      expect([status, body]).toEqual([401, expect.objectContaining({ code: 'credentials_missing' })]);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });
});

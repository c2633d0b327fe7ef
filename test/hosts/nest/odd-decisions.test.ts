import 'reflect-metadata';
import { createValidator } from '@entra-guard/core';
import {
  type AuthContext,
  allOf,
  check,
  EntraGuard,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  OptionalAuth,
  Require,
  RequireScopes,
  RequireUserRoles,
  scopes,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get, Injectable, Post } from '@nestjs/common';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { oddCallers, oddValues } from './odd-values.js';
import { ask, type Platform, platforms, serve } from './platforms.js';

// Each of them asks an application some hundred times.
vi.setConfig({ testTimeout: 60_000 });

let entra: InProcessEntra;
/** A caller without the scope, that the application's code holds. */
let lesser: AuthContext;
beforeAll(async () => {
  entra = await startEntra();
});

/** The handlers that were run. */
let reached: string[] = [];
/** What the steps of the guard, and the hooks of the options, give for now. */
let steps: ReadonlyMap<string, unknown> = new Map();

const stepNames = [
  'canActivate',
  'adapterOf',
  'requestOf',
  'requirementOf',
  'decide',
  'handlerName',
  'toException',
] as const;

@Injectable()
class OddGuard extends EntraGuard {}
for (const name of stepNames) {
  Object.defineProperty(OddGuard.prototype, name, {
    value: function step(this: EntraGuard, ...given: unknown[]): unknown {
      if (!steps.has(name)) {
        const own = (EntraGuard.prototype as unknown as Record<string, (...given: unknown[]) => unknown>)[
          name
        ];
        return own?.apply(this, given);
      }
      const value = steps.get(name);
      if (value === THROWS) throw new Error('a step that fails');
      return value;
    },
  });
}
/** In the place of a value: the step throws. */
const THROWS = Symbol('throws');

const odd = (name: string): unknown => (steps.has(name) ? steps.get(name) : true);
const own = check('own rule', () => odd('check') as boolean);

@RequireScopes('Read')
@Controller('items')
class ItemsController {
  @Get() list(): object {
    reached.push('GET items');
    return {};
  }
  @Post() @RequireUserRoles('Admin') create(): object {
    reached.push('POST items');
    return {};
  }
}
@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Read') list(): object {
    reached.push('GET orders');
    return {};
  }
  @Get('checked') @Require(allOf(scopes('Read'), own)) checked(): object {
    reached.push('GET orders/checked');
    return {};
  }
  @Get('maybe') @OptionalAuth() maybe(): object {
    return {};
  }
  @Get('plain') plain(): object {
    reached.push('GET orders/plain');
    return {};
  }
}

const handlers = ['GET items', 'POST items', 'GET orders', 'GET orders/checked', 'GET orders/plain'] as const;

/** Which caller may reach what, whatever goes wrong; what is denied is reached by none. */
function satisfies(caller: string, handler: (typeof handlers)[number]): boolean {
  if (handler === 'GET orders/plain') return false;
  if (handler === 'POST items') return caller === 'admin';
  return caller === 'reader' || caller === 'admin';
}

const callers: Readonly<Record<string, () => Record<string, string>>> = {
  none: () => ({}),
  junk: () => ({ authorization: 'Bearer x.y.z' }),
  expired: () => entra.wrong.expired().headers as Record<string, string>,
  writer: () => entra.user('ada', { scp: 'Write' }).headers as Record<string, string>,
  reader: () => entra.user('ada', { scp: 'Read' }).headers as Record<string, string>,
  admin: () => entra.user('ada', { scp: 'Read', roles: ['Admin'] }).headers as Record<string, string>,
};

const oddly = fc.oneof(
  fc.constantFrom(...oddValues.map(([, value]) => value), undefined, THROWS),
  fc.anything({ withNullPrototype: true, withMap: true, withBigInt: true }),
  fc.record({ mode: fc.anything(), requirement: fc.anything() }),
);
/** An exact `true` of a guard's own `canActivate` is the application's word; anything else is not. */
const notTrue = fc.constantFrom(
  ...oddValues.filter(([name]) => !name.includes('true')).map(([, value]) => value),
);

const situation = fc.record({
  steps: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...stepNames.slice(1)), oddly), {
      minLength: 1,
      maxLength: 3,
      selector: ([name]) => name,
    })
    .chain((some) =>
      fc
        .option(fc.tuple(fc.constant('canActivate'), notTrue), { nil: undefined, freq: 4 })
        .map((first) => (first === undefined ? some : [...some, first])),
    ),
  handler: fc.constantFrom(...handlers),
  caller: fc.constantFrom(...Object.keys(callers)),
});

async function call(origin: string, handler: string, caller: string): Promise<number> {
  const [method = 'GET', path] = handler.split(' ');
  reached = [];
  return (await ask(`${origin}/${path}`, { method, headers: callers[caller]?.() ?? {} })).status;
}

const start = (platform: Platform, extras: Partial<EntraGuardModuleOptions> = {}) =>
  serve(platform, {
    imports: [
      EntraGuardModule.forRoot({ ...entra.options(), log: false, ...extras } as EntraGuardModuleOptions),
    ],
    controllers: [ItemsController, OrdersController],
  });

describe.each(platforms)(
  'no protected handler is reached without a caller who satisfies it, on %s',
  (platform) => {
    it('whatever the steps of a guard give', { timeout: 60_000 }, async () => {
      const { origin } = await start(platform, { guard: OddGuard });
      await fc.assert(
        fc.asyncProperty(situation, async (given) => {
          steps = new Map<string, unknown>(given.steps);
          try {
            const status = await call(origin, given.handler, given.caller);
            expect(reached.filter((one) => one !== given.handler)).toEqual([]);
            if (!satisfies(given.caller, given.handler)) {
              expect(reached).toEqual([]);
              expect(status).toBeGreaterThanOrEqual(400);
            }
          } finally {
            steps = new Map();
          }
        }),
        { seed: 20_261_130, numRuns: 300 },
      );
    });

    it('whatever a hook or a check gives', async () => {
      const { origin } = await start(platform, {
        isRevoked: () => odd('isRevoked') as boolean,
      } as Partial<EntraGuardModuleOptions>);
      for (const [name, value] of oddValues) {
        steps = new Map<string, unknown>([['isRevoked', value]]);
        if (value !== false && !name.includes('promise of false')) {
          await call(origin, 'GET orders', 'reader');
          expect([name, reached]).toEqual([name, []]);
        }
        steps = new Map<string, unknown>([
          ['isRevoked', false],
          ['check', value],
        ]);
        if (value === true || name.includes('true')) continue;
        await call(origin, 'GET orders/checked', 'reader');
        expect([name, reached]).toEqual([name, []]);
      }
      steps = new Map<string, unknown>([['isRevoked', false]]);
      expect(await call(origin, 'GET orders/checked', 'reader')).toBe(200);
      expect(reached).toEqual(['GET orders/checked']);
      steps = new Map();
    });

    it('whatever its own validator resolves with', async () => {
      const validator = { validate: async () => odd('validate'), close: () => {} };
      const { origin } = await serve(platform, {
        imports: [EntraGuardModule.forRoot({ validator } as unknown as EntraGuardModuleOptions)],
        controllers: [OrdersController],
      });
      for (const [name, value] of oddValues) {
        steps = new Map<string, unknown>([['validate', value]]);
        await call(origin, 'GET orders', 'reader');
        expect([name, reached]).toEqual([name, []]);
      }
      steps = new Map();
    });

    it('whatever a caller that the application makes up looks like', async () => {
      const { origin } = await start(platform, { guard: OddGuard });
      const real = await entraCaller();
      lesser = await entraCaller('Write');
      for (const [name, of] of [...oddCallers, ['another caller', () => lesser] as const]) {
        steps = new Map<string, unknown>([['decide', of(real)]]);
        for (const handler of handlers) {
          await call(origin, handler, 'reader');
          expect([name, handler, reached]).toEqual([name, handler, []]);
        }
      }
      steps = new Map();
      for (const handler of handlers) {
        await call(origin, handler, 'admin');
        expect([handler, reached.length]).toEqual([handler, satisfies('admin', handler) ? 1 : 0]);
      }
    });
  },
);

async function entraCaller(scp = 'Read'): Promise<AuthContext> {
  const validator = createValidator({ ...entra.options(), log: false });
  try {
    return await validator.validate(entra.user('ada', { scp, roles: ['Admin'] }).token);
  } finally {
    validator.close();
  }
}

import 'reflect-metadata';
import {
  Auth,
  anonymous,
  ConfigurationError,
  definePermissions,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  members,
  OptionalAuth,
  Public,
  Require,
  RequireAnyAppPermission,
  RequireAnyScope,
  RequireAnyUserRole,
  RequireAppPermissions,
  RequireInstead,
  RequireScopes,
  RequireUserRoles,
  requirementDecorators,
  scopes,
} from '@entra-guard/nestjs';
import { Controller, Get, Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { nestLog } from '../../../packages/nestjs/src/nest-log.js';
import { oddValues } from './odd-values.js';
import { ask, bootFailure, serve } from './platforms.js';

type Decorate = (...given: never[]) => unknown;

const catalogue = definePermissions({
  api: 'api://orders',
  owner: { team: 'Orders' },
  scopes: { 'Orders.Read': { description: 'Read.', consent: 'user', because: 'The shop shows them.' } },
});
const byValues: readonly (readonly [name: string, decorate: Decorate])[] = [
  ['@RequireScopes(...)', RequireScopes],
  ['@RequireAnyScope(...)', RequireAnyScope],
  ['@RequireAppPermissions(...)', RequireAppPermissions],
  ['@RequireAnyAppPermission(...)', RequireAnyAppPermission],
  ['@RequireUserRoles(...)', RequireUserRoles],
  ['@RequireAnyUserRole(...)', RequireAnyUserRole],
  ['@RequireScopes(...)', requirementDecorators(catalogue).RequireScopes as Decorate],
];
const byRequirement: readonly (readonly [name: string, decorate: Decorate])[] = [
  ['@Require(...)', Require],
  ['@RequireInstead(...)', RequireInstead],
];
const opening: readonly (readonly [name: string, decorate: Decorate])[] = [
  ['@Public()', Public],
  ['@OptionalAuth()', OptionalAuth],
];

/** What a decorator says of what it is given. */
function saidOf(decorate: Decorate, ...given: readonly unknown[]): string {
  try {
    decorate(...(given as never[]));
  } catch (error) {
    expect(ConfigurationError.is(error)).toBe(true);
    return String(error);
  }
  return 'nothing';
}

/** No text that says something: that is a reason, or a value. */
const oddArguments = oddValues.filter(([, value]) => typeof value !== 'string' || value === '');

describe.each([...byValues, ...byRequirement, ...opening])('%s', (name, decorate) => {
  it.each(oddArguments)('refuses %s, and names itself', (_, value) => {
    expect(saidOf(decorate, value)).toContain(`ConfigurationError: ${name}`);
  });

  it('refuses to stand without parentheses, on a class and on a method', () => {
    class OrdersController {
      list(): void {}
    }
    const { prototype } = OrdersController;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'list');
    expect(saidOf(decorate, OrdersController)).toContain(name);
    expect(saidOf(decorate, prototype, 'list', descriptor)).toContain(name);
  });
});

describe.each(byValues)('%s', (name, decorate) => {
  it('says that a list has to be spread', () => {
    expect(saidOf(decorate, ['Orders.Read'])).toBe(
      `ConfigurationError: ${name} was given a list. Write the values one by one: ('Orders.Read', 'Orders.Write'). To take them from a list, spread it: (...list).`,
    );
    expect(saidOf(decorate, 'Orders.Read', ['Orders.Write'])).toContain('was given a list');
  });

  it('says what is wrong with a value, under its own name', () => {
    for (const given of [[], [''], [undefined], ['Orders.*'], ['Orders.Read', null]])
      expect(saidOf(decorate, ...given)).toContain(`ConfigurationError: ${name}`);
  });
});

describe.each(byRequirement)('%s', (name, decorate) => {
  it('refuses a second requirement, which would be lost', () => {
    expect(saidOf(decorate, scopes('Read'), members())).toBe(
      `ConfigurationError: ${name} was given 2 arguments, and takes 1. Combine requirements: allOf(a, b) where all must hold, anyOf(a, b) where one is enough.`,
    );
  });
});

it('@Public(false) does not close a handler', () => {
  expect(saidOf(Public as Decorate, false)).toBe(
    "ConfigurationError: @Public() was given false. It takes nothing, or a reason: ('a probe asks'). It is not a switch: to close the handler, leave it out and declare what is required.",
  );
  expect(saidOf(Public as Decorate, ' ')).toContain('@Public() was given an empty text.');
  expect(saidOf(Public as Decorate, 'a', 'b')).toContain('@Public() was given 2 arguments, and takes 1.');
  expect(saidOf(Public as Decorate)).toBe('nothing');
  expect(saidOf(Public as Decorate, 'a probe asks')).toBe('nothing');
});

it('@OptionalAuth(false) and @OptionalAuth(true) are not switches', () => {
  for (const given of [true, false])
    expect(saidOf(OptionalAuth as Decorate, given)).toContain(
      `@OptionalAuth() was given ${given}, and takes none. It is not a switch`,
    );
});

describe('@Auth(...)', () => {
  it.each<readonly [string, unknown]>([
    ['null', null],
    ['true', true],
    ["'objectId'", 'objectId'],
    ['a list', []],
    ['{ required: true }', { required: true }],
    ["{ optional: 'yes' }", { optional: 'yes' }],
    ['{ optional: true, other: 1 }', { optional: true, other: 1 }],
  ])('refuses %s', (name, value) => {
    if (name === 'a list') expect(saidOf(Auth as Decorate, value, 1)).toBe('nothing');
    else expect(saidOf(Auth as Decorate, value)).toContain('ConfigurationError: @Auth(...) was given');
  });

  it('takes nothing, {}, and optional as a flag', () => {
    for (const given of [
      [],
      [undefined],
      [{}],
      [{ optional: true }],
      [{ optional: false }],
      [{ optional: undefined }],
    ])
      expect(saidOf(Auth as Decorate, ...given)).toBe('nothing');
  });
});

describe('options', () => {
  const trust = {
    tenantId: '11111111-1111-4111-8111-111111111111',
    clientId: '22222222-2222-4222-8222-222222222222',
    log: false,
  } as const;

  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'options'],
    ['a list', []],
  ])('%s for forRoot and forRootAsync is refused', (_, value) => {
    for (const make of [EntraGuardModule.forRoot, EntraGuardModule.forRootAsync] as Decorate[])
      expect(saidOf(make, value)).toMatch(/EntraGuardModule was given .* instead of options/);
  });

  it('are not read from Object.prototype', async () => {
    @Controller()
    class PlainController {
      @Get() list(): object {
        return {};
      }
    }
    const polluted: Readonly<Record<string, unknown>> = {
      installGuard: false,
      uncovered: 'warn',
      defaultRequirement: scopes('Read'),
      handlers: [[PlainController, anonymous()]],
      isGlobal: false,
    };
    for (const [name, value] of Object.entries(polluted)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
      const made = EntraGuardModule.forRoot(trust as EntraGuardModuleOptions);
      delete (Object.prototype as Record<string, unknown>)[name];
      const { origin } = await serve('express', { imports: [made], controllers: [PlainController] });
      expect([name, (await ask(origin)).status]).toEqual([name, 403]);
    }
    expect(await bootFailure({ imports: [EntraGuardModule.forRoot(trust)] })).toBeUndefined();
  });
});

it('the log of NestJS says what the application itself threw', () => {
  const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  onTestFinished(() => error.mockRestore());
  nestLog()({ level: 'error', event: 'refused', message: 'A check failed.', cause: 'TypeError: no order' });
  expect(error).toHaveBeenCalledWith('A check failed. | cause: TypeError: no order');
});

it('an error that gets a place in front keeps its cause', async () => {
  @Controller()
  class OrdersController {
    @Get() @Public() @RequireScopes('Read') list(): void {}
  }
  const failure = await bootFailure({
    imports: [
      EntraGuardModule.forRoot({
        tenantId: '11111111-1111-4111-8111-111111111111',
        clientId: '22222222-2222-4222-8222-222222222222',
        log: false,
      }),
    ],
    controllers: [OrdersController],
  });
  expect(ConfigurationError.is((failure as Error).cause)).toBe(true);
});

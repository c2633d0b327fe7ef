import 'reflect-metadata';
import { ConfigurationError, Public, RequireScopes } from '@entra-guard/nestjs';
import { Controller, Get } from '@nestjs/common';
import { expect, it } from 'vitest';
import { HandlerRequirements } from '../../../packages/nestjs/src/handlers/handler-requirements.js';

@RequireScopes('Read')
class Base {
  @Get() list(): void {}
}
@Public()
@Controller('open')
class Open extends Base {}
@Controller('guarded')
class Guarded extends Base {}

it('a handler is resolved once, and then remembered', () => {
  const requirements = new HandlerRequirements([], undefined);
  const first = requirements.of(Guarded, Base.prototype.list);
  expect(requirements.of(Guarded, Base.prototype.list)).toBe(first);
});

it('one function that two controllers inherit is remembered for each of them', () => {
  const requirements = new HandlerRequirements([], undefined);
  for (let time = 0; time < 2; time++) {
    expect(requirements.of(Open, Base.prototype.list)).toMatchObject({ requirement: { role: 'anonymous' } });
    expect(
      String((requirements.of(Guarded, Base.prototype.list) as { requirement: unknown }).requirement),
    ).toBe("scopes('Read')");
  }
});

it('a function that no method of the controller is has no requirement, so that it is denied', () => {
  const requirements = new HandlerRequirements([], undefined);
  expect(requirements.of(Guarded, () => {})).toBeUndefined();
  expect(requirements.of(Guarded, function list() {})).toMatchObject({ mode: 'require' });
});

it('a function that is two handlers of one class decides neither, whichever is learnt last', () => {
  @Controller('shared')
  class Shared {
    @Get('a') @Public() a(): void {}
    @Get('b') @RequireScopes('Read') b(): void {}
  }
  const callback = (): void => {};
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const requirements = new HandlerRequirements([], undefined);
    requirements.learn(Shared, first, [callback]);
    expect(() => requirements.learn(Shared, second, [callback])).toThrow(/are one function/);
    expect(() => requirements.of(Shared, callback)).toThrow(ConfigurationError);
    expect(() => requirements.learn(Shared, first, [callback])).toThrow(/are one function/);
    expect(requirements.of(Shared, Shared.prototype.a)).toMatchObject({ requirement: { role: 'anonymous' } });
  }
});

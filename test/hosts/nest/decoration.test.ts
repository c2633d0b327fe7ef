import 'reflect-metadata';
import {
  Auth,
  allOf,
  anonymous,
  anyOf,
  ConfigurationError,
  type Grant,
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
  scopes,
} from '@entra-guard/nestjs';
import { describe, expect, it } from 'vitest';

/** What a caller without types, or one who cast them away, passes. */
const untyped = (value: unknown) => value as Grant;

describe('a decorator that can not be right fails where it is written', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a narrowing alone', () => Require(untyped(members())), /@Require\(\.\.\.\) was given .*only narrows/],
    [
      'a narrowing alone, instead',
      () => RequireInstead(untyped(members())),
      /@RequireInstead\(\.\.\.\) was given .*only narrows/,
    ],
    [
      'an opening instead',
      () => RequireInstead(untyped(anonymous())),
      /@RequireInstead\(\.\.\.\) was given anonymous\(\)/,
    ],
    [
      'a string',
      () => Require(untyped('Orders.Read')),
      /@Require\(\.\.\.\) was given the string 'Orders\.Read' instead of a requirement/,
    ],
    [
      'undefined',
      () => Require(untyped(undefined)),
      /@Require\(\.\.\.\) was given undefined instead of a requirement/,
    ],
    ['null', () => Require(untyped(null)), /@Require\(\.\.\.\) was given null instead of a requirement/],
    [
      'a narrowing with a grant in anyOf',
      () => Require(anyOf(scopes('W'), untyped(members()))),
      /anyOf\(\.\.\.\) was given members\(\)/,
    ],
    ['an opening in anyOf', () => Require(anyOf(untyped(anonymous()), scopes('W'))), /anonymous\(\)/],
    ['an empty allOf', () => Require((allOf as unknown as () => Grant)()), /allOf\(\) was given nothing/],
    ['no scope', () => (RequireScopes as unknown as () => unknown)(), /scopes\(\) was given nothing/],
    ['a wildcard', () => RequireScopes('Orders.*'), /wildcard/],
    [
      'an unset variable',
      () => RequireScopes(undefined as unknown as string),
      /scopes\(\) was given undefined/,
    ],
    ['a full scope URI', () => RequireAnyScope('api://orders/Orders.Read'), /short name/],
    ['an empty role', () => RequireUserRoles(''), /userRoles\(\) was given ''/],
    [
      'no role',
      () => (RequireAnyUserRole as unknown as () => unknown)(),
      /anyUserRole\(\) was given nothing/,
    ],
    [
      'none of several permissions',
      () => (RequireAnyAppPermission as unknown as () => unknown)(),
      /anyAppPermission\(\) was given nothing/,
    ],
    [
      'no permission',
      () => (RequireAppPermissions as unknown as () => unknown)(),
      /appPermissions\(\) was given nothing/,
    ],
  ])('%s', (_, build, sentence) => {
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(sentence);
  });

  it.each([
    ['@RequireScopes(...)', () => RequireScopes('Read')],
    ['@Public()', () => Public()],
    ['@OptionalAuth()', () => OptionalAuth()],
  ])('%s on what never handles a request', (name, build) => {
    expect(() => {
      class Orders {
        @build() static list(): void {}
      }
      return Orders;
    }).toThrow(`${name} stands on Orders.list, which is static and handles no request.`);
    expect(() => {
      class Orders {
        @(build() as PropertyDecorator) list = (): void => {};
      }
      return Orders;
    }).toThrow(`${name} stands on Orders.list, which is not a method and handles no request.`);
    expect(() => {
      class Orders {
        @build() get list(): string {
          return '';
        }
      }
      return Orders;
    }).toThrow('which is not a method');
  });

  it('@Auth() in a constructor', () => {
    expect(() => {
      class Orders {
        constructor(@Auth() readonly auth: unknown) {}
      }
      return Orders;
    }).toThrow(/@Auth\(\) stands on a parameter of Orders's constructor/);
  });
});

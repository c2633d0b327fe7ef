import {
  allOf,
  anonymous,
  appPermissions,
  ConfigurationError,
  type Grant,
  inTenants,
  members,
  scopes,
  userRoles,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { compose, type Level } from '../../../packages/nestjs/src/handlers/combine-declarations.js';
import { type Declaration } from '../../../packages/nestjs/src/handlers/declarations.js';

const require = (requirement: Grant): Declaration => ({ kind: 'require', by: '@Require(...)', requirement });
const instead = (requirement: Grant): Declaration => ({
  kind: 'instead',
  by: '@RequireInstead(...)',
  requirement,
});
const open: Declaration = { kind: 'public', by: '@Public()', requirement: anonymous() };
const optional: Declaration = { kind: 'optional', by: '@OptionalAuth()' };

const onClass = (...declarations: Declaration[]): Level => ({ on: 'class Orders', declarations });
const onMethod = (...declarations: Declaration[]): Level => ({ on: 'Orders.list', declarations });

/** What the levels come to, printed. */
function composed(...levels: Level[]): string | undefined {
  const access = compose(levels);
  return access?.mode === 'require' ? access.requirement.toString() : access?.mode;
}

const read = require(scopes('Read'));
const admin = require(userRoles('Admin'));

describe('what a class and its method declare', () => {
  it.each<[string, Level[], string | undefined]>([
    ['nothing declared is nothing', [onClass(), onMethod()], undefined],
    ['the class alone applies to the method', [onClass(read), onMethod()], "scopes('Read')"],
    ['the method alone applies', [onClass(), onMethod(read)], "scopes('Read')"],
    [
      'class and method both apply',
      [onClass(read), onMethod(admin)],
      "allOf(scopes('Read'), userRoles('Admin'))",
    ],
    [
      'stacked ones all apply',
      [onClass(), onMethod(read, admin)],
      "allOf(scopes('Read'), userRoles('Admin'))",
    ],
    ['a public method lifts its class', [onClass(read), onMethod(open)], 'anonymous()'],
    ['a requirement of the method lifts a public class', [onClass(open), onMethod(read)], "scopes('Read')"],
    [
      'RequireInstead replaces the class',
      [onClass(admin), onMethod(instead(scopes('Read')))],
      "scopes('Read')",
    ],
    [
      'RequireInstead narrows with what is stacked with it',
      [onClass(require(scopes('Other'))), onMethod(instead(scopes('Read')), admin)],
      "allOf(scopes('Read'), userRoles('Admin'))",
    ],
    [
      'RequireInstead without a class is a requirement',
      [onClass(), onMethod(instead(scopes('Read')))],
      "scopes('Read')",
    ],
    ['an optional method lifts its class', [onClass(read), onMethod(optional)], 'optional'],
    [
      'a requirement of the method lifts an optional class',
      [onClass(optional), onMethod(read)],
      "scopes('Read')",
    ],
    ['a public method lifts an optional class', [onClass(optional), onMethod(open)], 'anonymous()'],
    ['an optional method lifts a public class', [onClass(open), onMethod(optional)], 'optional'],
    ['public twice is public', [onClass(), onMethod(open, open)], 'anonymous()'],
    [
      'a base class, a class and a method all apply',
      [onClass(read), onClass(admin), onMethod(require(scopes('More')))],
      "allOf(scopes('More', 'Read'), userRoles('Admin'))",
    ],
    [
      'a class lifts what its base class opened',
      [onClass(open), onClass(read), onMethod()],
      "scopes('Read')",
    ],
  ])('%s', (_, levels, expected) => {
    expect(composed(...levels)).toBe(expected);
  });

  it('keeps the reasons of every part', () => {
    const access = compose([
      onClass(require(scopes('Read').because('art. 15'))),
      onMethod(require(userRoles('Admin').because('support'))),
    ]);
    expect(access).toMatchObject({ requirement: { reasons: ['art. 15', 'support'] } });
    const opened = compose([
      onMethod(open, { kind: 'public', by: '@Require(...)', requirement: anonymous().because('probe') }),
    ]);
    expect(opened).toMatchObject({ requirement: { role: 'anonymous', reasons: ['probe'] } });
  });

  it.each<[string, Declaration[], RegExp]>([
    [
      'public and required',
      [open, read],
      /Orders\.list has @Public\(\) and @Require\(\.\.\.\), which contradict/,
    ],
    [
      'required and public',
      [read, open],
      /@Require\(\.\.\.\) requires scopes\('Read'\), @Public\(\) opens it to every caller/,
    ],
    ['optional and required', [optional, read], /@OptionalAuth\(\) and @Require/],
    ['optional and public', [optional, open], /@OptionalAuth\(\) and @Public/],
    ['public and replacing', [open, instead(scopes('Read'))], /@Public\(\) and @RequireInstead/],
  ])('refuses one target that is %s', (_, declarations, sentence) => {
    expect(() => compose([onMethod(...declarations)])).toThrow(ConfigurationError);
    expect(() => compose([onMethod(...declarations)])).toThrow(sentence);
  });

  it.each<[string, Level[]]>([
    ['a scope and an application permission', [onClass(read), onMethod(require(appPermissions('Read.All')))]],
    [
      'two tenants at once',
      [
        onClass(require(allOf(scopes('R'), inTenants('11111111-1111-4111-8111-111111111111')))),
        onMethod(require(allOf(scopes('R'), inTenants('22222222-2222-4222-8222-222222222222')))),
      ],
    ],
  ])('refuses what no token can satisfy: %s', (_, levels) => {
    expect(() => compose(levels)).toThrow(ConfigurationError);
  });

  it('narrows with what only narrows, next to a grant', () => {
    expect(composed(onClass(require(allOf(scopes('Read'), members()))), onMethod(admin))).toBe(
      "allOf(members(), scopes('Read'), userRoles('Admin'))",
    );
  });
});

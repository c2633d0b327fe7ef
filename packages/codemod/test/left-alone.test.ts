import { describe, expect, it } from 'vitest';
import { moveSource } from '../src/passport-azure-ad/move-source.js';

const found = (text: string, path = 'app.ts') =>
  moveSource(path, text).findings.map(({ line, level, code }) => `${line} ${level} ${code}`);

describe('what is not understood', () => {
  it.each([
    ['a strategy that signs in', "import { OIDCStrategy } from 'passport-azure-ad';", 'sign-in-strategy'],
    ['the same, required', "const { OIDCStrategy: S } = require('passport-azure-ad');", 'sign-in-strategy'],
    ['the same, as a member', "const S = require('passport-azure-ad').OIDCStrategy;", 'sign-in-strategy'],
    ['a type of it', "import type { IProfile } from 'passport-azure-ad';", 'sign-in-strategy'],
    ['a re-export', "export { BearerStrategy } from 'passport-azure-ad';", 're-export'],
    ['a re-export of all', "export * from 'passport-azure-ad';", 're-export'],
    ['a re-export as a namespace', "export * as azure from 'passport-azure-ad';", 're-export'],
    ['an import for nothing', "import 'passport-azure-ad';", 'import-form'],
    ['a default and names', "import azure, { BearerStrategy } from 'passport-azure-ad';", 'import-form'],
    [
      'the rest of a module',
      "const { BearerStrategy, ...rest } = require('passport-azure-ad');",
      'import-form',
    ],
    ['a computed name', "const { [name]: S } = require('passport-azure-ad');", 'import-form'],
    ['a default for a name', "const { BearerStrategy = X } = require('passport-azure-ad');", 'import-form'],
    ['a dynamic require', "const name = 'passport-azure-ad'; require(name);", 'module-named-elsewhere'],
    ['a choice of modules', "require(old ? 'passport-azure-ad' : 'other');", 'module-named-elsewhere'],
    ['require.resolve', "require.resolve('passport-azure-ad');", 'module-named-elsewhere'],
    ['an import that is not awaited', "import('passport-azure-ad').then(use);", 'module-named-elsewhere'],
    ['an unknown type', "type X = import('passport-azure-ad').Other;", 'module-named-elsewhere'],
    ['a list of modules', "module.exports = { externals: ['passport-azure-ad'] };", 'module-named-elsewhere'],
    ['a declaration of the module', "declare module 'passport-azure-ad' { }", 'module-named-elsewhere'],
    ['the module as an argument', "wrap(require('passport-azure-ad'));", 'module-used-as-a-whole'],
    ['the module as an export', "module.exports = require('passport-azure-ad');", 'module-used-as-a-whole'],
    [
      'the module passed on',
      "import * as azure from 'passport-azure-ad';\nwrap(azure);",
      'module-used-as-a-whole',
      2,
    ],
    [
      'the module by a computed name',
      "const a = require('passport-azure-ad');\na[name];",
      'module-used-as-a-whole',
      2,
    ],
    [
      'the module exported again',
      "import * as azure from 'passport-azure-ad';\nexport { azure };",
      'module-used-as-a-whole',
      2,
    ],
    [
      'the module spread',
      "const a = require('passport-azure-ad');\nconst b = { ...a };",
      'module-used-as-a-whole',
      2,
    ],
    ['an unknown member', "const a = require('passport-azure-ad').other;", 'module-used-as-a-whole'],
    [
      'a member for sign-in',
      "import azure = require('passport-azure-ad');\nnew azure.OIDCStrategy(o, v);",
      'sign-in-strategy',
      2,
    ],
    [
      'a name that is declared twice',
      "const a = require('passport-azure-ad');\nfunction f(a) { a.x; }",
      'module-used-as-a-whole',
      1,
    ],
    [
      'a file inside the package',
      "require('passport-azure-ad/lib/logging').getLogger = mine;",
      'deep-import',
    ],
    ['the strategy from such a file', "import S from 'passport-azure-ad/lib/bearerstrategy';", 'deep-import'],
    ['a mock of jest', "jest.mock('passport-azure-ad');", 'mocked-module'],
    ['a mock of vitest', "vi.mock('passport-azure-ad');", 'mocked-module'],
  ])('%s stays, and is told', (_, text, code, line = 1) => {
    const moved = moveSource('app.ts', text);
    expect(moved.text).toBe(text);
    expect(moved.findings.map((one) => `${one.line} ${one.level} ${one.code}`)).toContain(
      `${line} by-hand ${code}`,
    );
    for (const { message, hint } of moved.findings) expect(message && hint).toMatch(/\.$/);
  });

  it('is nothing where the package is only spoken of', () => {
    const text = '// We came from passport-azure-ad.\nconst say = "passport-azure-ad was here";\n';
    expect(moveSource('app.js', text)).toEqual({ text, findings: [] });
  });
});

it('leaves a file that was moved before as it is, whatever it takes from the new module', () => {
  const text =
    "import { BearerStrategy, onEvent } from '@entra-guard/passport';\nexport * from '@entra-guard/passport';\n";
  expect(moveSource('app.ts', text)).toEqual({ text, findings: [] });
});

describe('a file that signs in as well', () => {
  it('imports both, where it imported one', () => {
    const { text, findings } = moveSource(
      'app.ts',
      "  import { OIDCStrategy, BearerStrategy as Bearer, IProfile } from 'passport-azure-ad'\n",
    );
    expect(text).toBe(
      "  import { BearerStrategy as Bearer } from '@entra-guard/passport'\n  import { OIDCStrategy, IProfile } from 'passport-azure-ad'\n",
    );
    expect(findings.map(({ code }) => code)).toEqual(['sign-in-strategy', 'sign-in-strategy']);
  });

  it('requires both, where it required one', () => {
    const { text } = moveSource(
      'app.js',
      'var { BearerStrategy, OIDCStrategy } = require("passport-azure-ad");\r\n',
    );
    expect(text).toBe(
      'var { BearerStrategy } = require("@entra-guard/passport");\r\nvar { OIDCStrategy } = require("passport-azure-ad");\r\n',
    );
  });

  it('is left where a comment would be lost', () => {
    const text = "import { OIDCStrategy, /* for the API */ BearerStrategy } from 'passport-azure-ad';";
    expect(moveSource('app.ts', text).text).toBe(text);
    expect(found(text)).toEqual(['1 by-hand import-form']);
  });

  it('is left where one statement declares more', () => {
    const text = "const a = 1, { BearerStrategy, OIDCStrategy } = require('passport-azure-ad');";
    expect(moveSource('app.js', text).text).toBe(text);
  });
});

describe('a strategy whose options cannot be seen', () => {
  const start = "import { BearerStrategy } from 'passport-azure-ad';\n";
  it.each([
    [
      'options from another file',
      'new BearerStrategy(config.azure, verify);',
      ['2 by-hand options-elsewhere'],
    ],
    ['options from a function', 'new BearerStrategy(load(), verify);', ['2 by-hand options-elsewhere']],
    [
      'options that are an argument',
      'function f(o) { return new BearerStrategy(o, verify); }',
      ['2 by-hand options-elsewhere'],
    ],
    [
      'options with a spread',
      'new BearerStrategy({ ...base, ignoreExpiration: false }, verify);',
      ['2 by-hand options-spread', '2 by-hand option-not-supported'],
    ],
    [
      'options that change later',
      'const o = { clientID, ignoreExpiration: false };\no.audience = a;\nnew BearerStrategy(o, verify);',
      ['2 by-hand option-not-supported', '3 by-hand options-changed'],
    ],
    [
      'options that are assigned to',
      'const o = { clientID };\nObject.assign(o, more);\nnew BearerStrategy(o, verify);',
      ['3 by-hand options-changed'],
    ],
    [
      'options that others have too',
      'export const o = { clientID, ignoreExpiration: false };\nnew BearerStrategy(o, verify);',
      ['2 by-hand option-not-supported'],
    ],
    ['a class made elsewhere', 'register(BearerStrategy);', ['2 by-hand strategy-used-otherwise']],
    ['its methods', 'BearerStrategy.prototype.loadMetadata = stub;', ['2 by-hand strategy-used-otherwise']],
    [
      'a class of former times',
      'BearerStrategy.call(this, options, verify);',
      ['2 by-hand strategy-called-without-new'],
    ],
    [
      'another mixin',
      'class A extends Mixin(BearerStrategy) { constructor() { super(o); } }',
      ['2 by-hand strategy-used-otherwise'],
    ],
  ])('%s: the import moves, the options stay, and it is told', (_, rest, expected) => {
    const { text } = moveSource('app.ts', start + rest);
    expect(text).toBe(start.replace('passport-azure-ad', '@entra-guard/passport') + rest);
    expect(found(start + rest)).toEqual(expected);
  });

  it.each([
    ['a type', 'let s: BearerStrategy | undefined;'],
    ['a class without a constructor', 'class A extends BearerStrategy {}'],
    ['an export', 'export { X };\nconst X = 1;'],
    ['a property of the same name', 'const o = { BearerStrategy: 1 };\no.BearerStrategy;'],
  ])('is not one: %s', (_, rest) => {
    expect(found(start + rest)).toEqual([]);
  });
});

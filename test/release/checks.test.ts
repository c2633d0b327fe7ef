import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placeholders, problemsOf } from '../../scripts/release-checks.mjs';
import { overBudget } from '../../scripts/size-budgets.mjs';

interface Packed {
  name: string;
  manifest: Record<string, unknown>;
  files: Map<string, Buffer>;
}

const publishConfig = { access: 'public', provenance: true };

/** A package as pnpm packs it, with nothing wrong. */
function packed(name: string, version: string, manifest: Record<string, unknown> = {}): Packed {
  const files = Object.entries({ LICENSE: 'MIT', 'README.md': '# it', 'dist/esm/index.js': 'export {};' });
  return {
    name: `@entra-guard/${name}`,
    manifest: { name: `@entra-guard/${name}`, version, publishConfig, ...manifest },
    files: new Map(files.map(([path, text]) => [`package/${path}`, Buffer.from(text)])),
  };
}

const core = () => packed('core', '1.0.0');
const toCore = { '@entra-guard/core': '^1.0.0' };
const sound = () => [
  core(),
  packed('express', '1.0.0', { dependencies: toCore, peerDependencies: { express: '^5.0.0' } }),
  packed('catalogue', '0.3.0', { peerDependencies: toCore }),
  packed('cli', '0.2.0', {
    bin: { 'entra-guard': './bin/entra-guard.js' },
    dependencies: { ...toCore, '@entra-guard/catalogue': '^0.3.0', commander: '14.0.3' },
  }),
];

describe('packed packages', () => {
  it('pass where two rings, ranges, files and settings are right', () => {
    expect(problemsOf(sound())).toEqual([]);
  });

  const adapting = (range: string) => ({
    dependencies: toCore,
    peerDependencies: { '@entra-guard/codemod': range },
    peerDependenciesMeta: { '@entra-guard/codemod': { optional: true } },
  });
  const refused: [string, string, Packed][] = [
    [
      'a range of the workspace',
      'exists in this repository only',
      packed('express', '1.0.0', { dependencies: { '@entra-guard/core': 'workspace:^' } }),
    ],
    [
      'a range of the workspace among development dependencies',
      'exists in this repository only',
      packed('express', '1.0.0', { devDependencies: { '@entra-guard/core': 'workspace:*' } }),
    ],
    [
      'a package that is not published',
      'is not published',
      packed('express', '1.0.0', { dependencies: { '@entra-guard/bench': '0.0.0' } }),
    ],
    [
      'another version of the first ring',
      'several versions: 1.0.0, 1.0.1',
      packed('express', '1.0.1', { dependencies: toCore }),
    ],
    [
      'a core that is not the one it was built with',
      'and not as "^1.0.0"',
      packed('catalogue', '0.3.0', { peerDependencies: { '@entra-guard/core': '^0.9.0' } }),
    ],
    [
      'an exact core',
      'and not as "^1.0.0"',
      packed('express', '1.0.0', { dependencies: { '@entra-guard/core': '1.0.0' } }),
    ],
    [
      'a copy of the core for itself',
      'move @entra-guard/core to "peerDependencies"',
      packed('catalogue', '0.3.0', { dependencies: toCore }),
    ],
    [
      'a package of the second ring in the first',
      'which has a version of its own',
      packed('express', '1.0.0', { dependencies: { ...toCore, '@entra-guard/codemod': '^0.1.0' } }),
    ],
    [
      'an optional peer of the second ring whose next minor version would be out of range',
      'which its next minor version would leave',
      packed('express', '1.0.0', adapting('^0.1.0')),
    ],
    [
      'no provenance',
      'set "publishConfig"',
      packed('express', '1.0.0', { dependencies: toCore, publishConfig: { access: 'public' } }),
    ],
    [
      'no access',
      'set "publishConfig"',
      packed('express', '1.0.0', { dependencies: toCore, publishConfig: undefined }),
    ],
  ];

  it('may adapt a package of the second ring as an optional peer', () => {
    const one = packed('express', '1.0.0', adapting('>=0.1.0-0 <1.0.0'));
    expect(problemsOf([core(), packed('codemod', '0.1.0'), one])).toEqual([]);
  });

  it.each(refused)('are refused with %s', (_, sentence, one) => {
    const others = one.name.endsWith('express') ? [core(), packed('codemod', '0.1.0')] : [core()];
    expect(problemsOf([...others, one])).toEqual([expect.stringContaining(sentence)]);
  });

  it.each(['LICENSE', 'README.md'])('are refused without %s', (file) => {
    const one = core();
    one.files.delete(`package/${file}`);
    expect(problemsOf([one])).toEqual([`@entra-guard/core: the tarball has no ${file}.`]);
  });

  it('are refused with a source map that leads outside, and pass with one that holds its sources', () => {
    const map = (content: object) => Buffer.from(JSON.stringify(content));
    const one = core();
    const path = 'package/dist/esm/index.js.map';
    one.files.set(path, map({ sources: ['../../src/index.ts'] }));
    expect(problemsOf([one])).toEqual([
      expect.stringContaining('leads outside of the package, to ../../src/index.ts'),
    ]);
    one.files.set(path, map({ sources: ['index.js'] }));
    expect(problemsOf([one])).toEqual([]);
    one.files.set(path, map({ sources: ['../../src/index.ts'], sourcesContent: ['export {};'] }));
    expect(problemsOf([one])).toEqual([]);
  });

  it('are refused where a file names a source map that is not there', () => {
    const one = core();
    one.files.set(
      'package/dist/esm/index.js',
      Buffer.from('export {};\n//# sourceMappingURL=index.js.map\n'),
    );
    expect(problemsOf([one])).toEqual([expect.stringContaining('index.js.map, which is not in the tarball')]);
  });

  it('have places that only the owner fills in, or a release begins with', () => {
    const repository = {
      type: 'git',
      url: 'git+https://git.example/entra-guard.git',
      directory: 'packages/core',
    };
    expect(placeholders([packed('core', '1.0.0-rc.0', { repository })])).toEqual([]);
    expect(placeholders([packed('core', '1.0.0-dev')])).toEqual([
      expect.stringContaining('No "repository" in the package.json of all packages'),
      expect.stringContaining('No version yet: all packages'),
    ]);
  });
});

describe('a size budget', () => {
  const budget = { packed: 1000, unpacked: 4000, dependencies: 0 };

  it('holds what is as large as it', () => {
    expect(overBudget('@entra-guard/core', budget, budget)).toEqual([]);
  });

  it('says how much a package is over it, and how to raise it', () => {
    const sentences = overBudget(
      '@entra-guard/core',
      { packed: 1100, unpacked: 4000, dependencies: 1 },
      budget,
    );
    expect(sentences).toEqual([
      '@entra-guard/core has 1100 bytes packed, 100 (10.0 %) more than its budget of 1000. Make it smaller; or, if the growth ' +
        'is worth it, set "packed" to 2000 in scripts/size-budgets.json and say why in the commit.',
      '@entra-guard/core has 1 packages that are installed with it, 1 more than its budget of 0. Make it smaller; or, if the ' +
        'growth is worth it, set "dependencies" to 1 in scripts/size-budgets.json and say why in the commit.',
    ]);
  });

  it('is asked for, with a proposal, where a package has none', () => {
    expect(
      overBudget('@entra-guard/new', { packed: 10_000, unpacked: 50_000, dependencies: 2 }, undefined),
    ).toEqual([
      '@entra-guard/new has no size budget. Add to scripts/size-budgets.json: "@entra-guard/new": ' +
        '{"packed":11000,"unpacked":53000,"dependencies":2}',
    ]);
  });

  it('gives the core no dependency', () => {
    const budgets = JSON.parse(
      readFileSync(new URL('../../scripts/size-budgets.json', import.meta.url), 'utf8'),
    );
    expect(budgets['@entra-guard/core'].dependencies).toBe(0);
  });
});

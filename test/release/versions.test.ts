import { afterEach, describe, expect, it } from 'vitest';
import { copyOfVersions } from '../../scripts/next-versions.mjs';
import { firstRing } from '../../scripts/release-checks.mjs';
import { packages } from '../../scripts/workspace.mjs';

/**
 * `changeset version` itself, in a copy of the manifests with the repository's configuration. Whatever is decided about the
 * two rings has to come out of it, since a release is not reviewed version by version.
 */
type Copy = ReturnType<typeof copyOfVersions>;
type Bump = 'patch' | 'minor' | 'major';

const names = packages.map(({ name }) => name as string);
const secondRing = names.filter((name) => !firstRing.has(name));
let copy: Copy;

afterEach(() => copy.remove());

/** Gives each ring one version, except for the packages that are named. */
function rings(first: string, second: string, except: Record<string, string> = {}) {
  return Object.fromEntries(
    names.map((name) => [name, except[name] ?? (firstRing.has(name) ? first : second)]),
  );
}

function startAt(first: string, second: string): Copy {
  return copyOfVersions({ start: (name: string) => (firstRing.has(name) ? first : second) });
}

async function after(bumps: Record<string, Bump>) {
  copy.add(bumps);
  await copy.changeset('version');
  return copy.versions();
}

const each = (ring: Iterable<string>, bump: Bump) =>
  Object.fromEntries([...ring].map((name) => [name, bump]));

describe('two rings of versions', () => {
  it('holds the packages that an application builds on in the first, and these alone', () => {
    copy = startAt('1.0.0', '0.1.0');
    expect(names.filter((name) => firstRing.has(name))).toEqual(
      ['core', 'express', 'nestjs', 'passport', 'testing'].map((name) => `@entra-guard/${name}`),
    );
    expect(firstRing.size).toBe(5);
  });

  it.each<Bump>(['patch', 'minor'])(
    'gives the first ring one version after a %s of the core, and the others none',
    async (bump) => {
      copy = startAt('1.0.0', '0.1.0');
      const next = bump === 'patch' ? '1.0.1' : '1.1.0';
      expect(await after({ '@entra-guard/core': bump })).toEqual(rings(next, '0.1.0'));
    },
  );

  it('gives the first ring one version after a fix of an adapter', async () => {
    copy = startAt('1.0.0', '0.1.0');
    expect(await after({ '@entra-guard/nestjs': 'patch' })).toEqual(rings('1.0.1', '0.1.0'));
  });

  it.each(secondRing)('gives the first ring no version after a fix of %s', async (name) => {
    copy = startAt('1.0.0', '0.1.0');
    expect(await after({ [name]: 'patch' })).toEqual(rings('1.0.0', '0.1.0', { [name]: '0.1.1' }));
  });

  it('gives the command a version when the catalogue leaves its range, and the core none', async () => {
    copy = startAt('1.0.0', '0.1.0');
    const catalogue = '@entra-guard/catalogue';
    expect(await after({ [catalogue]: 'minor' })).toEqual(
      rings('1.0.0', '0.1.0', { [catalogue]: '0.2.0', '@entra-guard/cli': '0.1.1' }),
    );
  });
});

describe('candidates', () => {
  it('lead from the first one to the release, and a change of one ring makes no candidate of the other', {
    timeout: 60_000,
  }, async () => {
    copy = startAt('1.0.0-dev', '0.1.0-dev');
    await copy.changeset('pre', 'enter', 'rc');
    const all = { ...each(firstRing, 'major'), ...each(secondRing, 'minor') };
    expect(await after(all)).toEqual(rings('1.0.0-rc.0', '0.1.0-rc.0'));

    expect(await after({ '@entra-guard/core': 'patch' })).toEqual(rings('1.0.0-rc.1', '0.1.0-rc.0'));
    const catalogue = '@entra-guard/catalogue';
    expect(await after({ [catalogue]: 'patch' })).toEqual(
      rings('1.0.0-rc.1', '0.1.0-rc.0', { [catalogue]: '0.1.0-rc.1' }),
    );
    expect(await after({ '@entra-guard/express': 'minor' })).toEqual(
      rings('1.0.0-rc.2', '0.1.0-rc.0', { [catalogue]: '0.1.0-rc.1' }),
    );

    await copy.changeset('pre', 'exit');
    await copy.changeset('version');
    expect(copy.versions()).toEqual(rings('1.0.0', '0.1.0'));
  });
});

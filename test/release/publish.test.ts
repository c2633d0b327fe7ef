import { describe, expect, it } from 'vitest';
import { distTag, inPublishOrder, lacksForPublishing, publishAll } from '../../scripts/publish.mjs';

const one = (name: string, version: string, manifest: object = {}) => ({
  name: `@entra-guard/${name}`,
  tarball: `release/${name}.tgz`,
  manifest: { version, ...manifest },
});
const core = one('core', '1.0.0-rc.0');
const express = one('express', '1.0.0-rc.0', {
  dependencies: { '@entra-guard/core': '^1.0.0-rc.0', other: '1' },
});
const catalogue = one('catalogue', '0.1.0', { peerDependencies: { '@entra-guard/core': '^1.0.0-rc.0' } });

/** An npm that knows some packages, and notes what is asked of it. */
function fakeNpm({
  version = '11.6.0',
  known = [] as string[],
  fails = [] as string[],
  outage = false,
} = {}) {
  const published: string[][] = [];
  const npm = (args: string[]) => {
    if (args[0] === '--version') return Promise.resolve({ status: 0, output: `${version}\n` });
    if (args[0] === 'view') {
      if (outage) return Promise.resolve({ status: 1, output: 'npm error code ECONNREFUSED' });
      return known.includes(args[1] ?? '')
        ? Promise.resolve({ status: 0, output: JSON.stringify(args[1]?.split('@').at(-1)) })
        : Promise.resolve({ status: 1, output: 'npm error code E404' });
    }
    if (fails.includes(args[1] ?? '')) return Promise.resolve({ status: 1, output: 'npm error code E403' });
    published.push(args);
    return Promise.resolve({ status: 0, output: '' });
  };
  return { npm, published, say: () => {} };
}

describe('publishing', () => {
  it('happens in GitHub Actions with an OIDC token only', () => {
    const inActions = { GITHUB_ACTIONS: 'true' };
    const withToken = {
      ...inActions,
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    };
    expect(lacksForPublishing({})).toEqual([expect.stringContaining('not a run of GitHub Actions')]);
    expect(lacksForPublishing({ CI: 'true' })).toEqual([
      expect.stringContaining('not a run of GitHub Actions'),
    ]);
    expect(lacksForPublishing(inActions)).toEqual([expect.stringContaining('id-token: write')]);
    expect(lacksForPublishing(withToken)).toEqual([]);
  });

  it('gives candidates the tag next, and releases the tag latest', () => {
    expect(distTag('1.0.0-rc.0')).toBe('next');
    expect(distTag('1.0.0')).toBe('latest');
  });

  it('begins with what others depend on', () => {
    const names = inPublishOrder([catalogue, express, core]).map(({ name }) => name);
    expect(names).toEqual(['@entra-guard/core', '@entra-guard/catalogue', '@entra-guard/express']);
  });

  it('publishes the tarballs that were checked, with provenance', async () => {
    const { npm, published, say } = fakeNpm();
    await publishAll([express, core], { npm, say });
    expect(published).toEqual(
      ['core', 'express'].map((name) => [
        'publish',
        `release/${name}.tgz`,
        '--access',
        'public',
        '--provenance',
        '--tag',
        'next',
      ]),
    );
  });

  it('leaves out what npm has, so that a run that failed can be repeated', async () => {
    const { npm, published, say } = fakeNpm({ known: ['@entra-guard/core@1.0.0-rc.0'] });
    expect(await publishAll([core, express], { npm, say })).toEqual(['@entra-guard/express']);
    expect(published).toHaveLength(1);
  });

  it('stops at the first that fails', async () => {
    const { npm, published, say } = fakeNpm({ fails: ['release/core.tgz'] });
    await expect(publishAll([express, core], { npm, say })).rejects.toThrow(
      'core@1.0.0-rc.0 was not published',
    );
    expect(published).toEqual([]);
  });

  it('publishes nothing while npm does not say what it has', async () => {
    const { npm, published, say } = fakeNpm({ outage: true });
    await expect(publishAll([core], { npm, say })).rejects.toThrow(
      'npm does not say whether it has @entra-guard/core',
    );
    expect(published).toEqual([]);
  });

  it.each(['10.9.4', '11.4.9', '11.5.0'])('refuses npm %s, which knows no OIDC', async (version) => {
    const { npm, published, say } = fakeNpm({ version });
    await expect(publishAll([core], { npm, say })).rejects.toThrow('Install npm 11.5.1 or later');
    expect(published).toEqual([]);
  });
});

// Publishes tarballs that were checked, from the one place where npm can say what they were built from.
import { run } from './workspace.mjs';

/** What publishing needs and `env` lacks, a sentence each. */
export function lacksForPublishing(env) {
  const lacks = [];
  if (env.GITHUB_ACTIONS !== 'true')
    lacks.push('This is not a run of GitHub Actions, which npm trusts in place of a password.');
  else if (!env.ACTIONS_ID_TOKEN_REQUEST_URL || !env.ACTIONS_ID_TOKEN_REQUEST_TOKEN)
    lacks.push(
      'The job has no OIDC token, which signs where a package was built. Give it "permissions: id-token: write".',
    );
  return lacks;
}

/** The tag that a version is installed by: `next` for candidates, which are installed on request only. */
export const distTag = (version) => (version.includes('-') ? 'next' : 'latest');

export const publishArguments = ({ tarball, manifest }) => [
  'publish',
  tarball,
  '--access',
  'public',
  '--provenance',
  '--tag',
  distTag(manifest.version),
];

/** A package after those that it depends on, so that each can be installed as soon as it is there. */
export function inPublishOrder(packed) {
  const waiting = new Map(packed.map((one) => [one.name, one]));
  const ordered = [];
  const take = (one) => {
    if (!waiting.delete(one.name)) return;
    const { dependencies, peerDependencies } = one.manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (waiting.has(name)) take(waiting.get(name));
    }
    ordered.push(one);
  };
  for (const one of packed) take(one);
  return ordered;
}

/**
 * Publishes each package that npm does not have in this version, and resolves with the names of those. Stops at the first that
 * fails: what was published stays, and the next run goes on from there. `npm` runs npm, and resolves with `{ status, output }`.
 */
export async function publishAll(packed, { npm = (args) => run('npm', args), say = console.log } = {}) {
  const { output: version } = await npm(['--version']);
  const [major, minor, patch] = version.trim().split('.').map(Number);
  if (!(major > 11 || (major === 11 && (minor > 5 || (minor === 5 && patch >= 1)))))
    throw new Error(`npm ${version.trim()} can't publish by OIDC. Install npm 11.5.1 or later first.`);

  const published = [];
  for (const one of inPublishOrder(packed)) {
    const id = `${one.name}@${one.manifest.version}`;
    const known = await npm(['view', id, 'version', '--json']);
    if (known.status === 0 && known.output.includes(one.manifest.version)) {
      say(`${id}: npm has it already.`);
      continue;
    }
    if (known.status !== 0 && !/E404/.test(known.output))
      throw new Error(`npm does not say whether it has ${id}:\n${known.output}`);
    const { status, output } = await npm(publishArguments(one));
    if (status !== 0) throw new Error(`${id} was not published:\n${output}`);
    say(`${id}: published with the tag ${distTag(one.manifest.version)}.`);
    published.push(one.name);
  }
  return published;
}

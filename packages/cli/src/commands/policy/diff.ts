import type { AccessChange, Policy, PolicyDifference } from '@entra-guard/proxy/policy';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../../exit-code.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { withPolicies } from '../../policy/policy-file.js';
import { policyPackage } from '../../policy/policy-package.js';
import type { Perform, Session } from '../../session.js';

/** `entra-guard policy diff`: who gains and who loses by a change. */
export function addPolicyDiff(policy: Command, perform: Perform): void {
  policy
    .command('diff')
    .description('Say who gains and who loses, if one policy takes the place of another.')
    .argument('<old>', 'the policy as it was')
    .argument('<new>', 'the policy as it is to be')
    .option('--json', 'print the differences as one JSON document')
    .addHelpText('after', HELP)
    .action((old: string, current: string, { json = false }: { json?: boolean }) =>
      perform((session) =>
        withPolicies(session, [old, current], json, (before, after) =>
          diff(session, before as Policy, after as Policy, json),
        ),
      ),
    );
}

const HELP = `
Compares what decides, host by host, path by path and method by method, and not the text. What can't be compared counts as a gain.

Exit codes:
  0  no caller gains
  1  a caller gains, or may gain, or one of the policies can't be read
  2  there is no such file

Examples:
  $ entra-guard policy diff before.yaml entra-guard.yaml
  $ git show main:entra-guard.yaml > before.yaml && entra-guard policy diff before.yaml entra-guard.yaml --json`;

function diff(session: Session, before: Policy, after: Policy, json: boolean): ExitCode {
  const { stdout, style } = session;
  const difference = policyPackage(session).policyDiff(before, after, { now: Date.now() });
  if (json) writeJson(stdout, difference);
  else write(difference, session);
  if (!json && !difference.complete) {
    stdout.write(`${style.bad('!')} There are too many kinds of paths to compare all.\n`);
  }
  return difference.widens ? EXIT.findings : EXIT.done;
}

function write({ access, settings, widens }: PolicyDifference, { stdout, style }: Session): void {
  for (const change of access) stdout.write(accessLines(change, style));
  for (const { member, before, after, widens: wider } of settings) {
    const mark = wider ? style.bad('+') : style.good('-');
    stdout.write(
      `${mark} ${style.bold(printable(member))}\n    ${printable(before)} → ${printable(after)}\n`,
    );
  }
  if (access.length + settings.length === 0) stdout.write('Both decide alike.\n');
  else
    stdout.write(
      `\n${widens ? style.bad('It widens: a caller gains, or may gain.') : style.good('No caller gains.')}\n`,
    );
}

function accessLines(
  { host, methods, path, gains, loses, from }: AccessChange,
  style: Session['style'],
): string {
  const when = from === undefined ? '' : ` from ${from} on`;
  const lines = [
    style.bold(printable(`${methods.join(', ')} ${host}${path}${when}`)),
    ...gains.map((who) => `    ${style.bad('+ gain:')} ${printable(who)}`),
    ...loses.map((who) => `    ${style.good('- lose:')} ${printable(who)}`),
  ];
  return `${lines.join('\n')}\n`;
}

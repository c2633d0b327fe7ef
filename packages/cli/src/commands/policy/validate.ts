import type { Policy, PolicyWarning } from '@entra-guard/proxy/policy';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../../exit-code.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { FILE_ARGUMENT, nameIn, POLICY_FILE, withPolicies } from '../../policy/policy-file.js';
import type { Perform, Session } from '../../session.js';

interface Flags {
  readonly json?: true;
}

/** `entra-guard policy validate`: whether a policy can be read, and what deserves a second look. */
export function addPolicyValidate(policy: Command, perform: Perform): void {
  policy
    .command('validate')
    .description('Say what is wrong with a policy, with line and column, and what deserves a second look.')
    .argument('[file]', FILE_ARGUMENT, POLICY_FILE)
    .option('--json', 'print problems and warnings as one JSON document')
    .addHelpText('after', HELP)
    .action((file: string, { json = false }: { json?: boolean }) =>
      perform((session) =>
        withPolicies(session, [file], json, (read) => validate(session, read as Policy, json)),
      ),
    );
}

const HELP = `
Variables of the policy have to be set, as they are where it is used.

Exit codes:
  0  the policy can be read; there may be warnings
  1  it can't
  2  there is no such file

Examples:
  $ entra-guard policy validate
  $ entra-guard policy validate policies/orders.yaml --json`;

function validate(
  { stdout, style, cwd }: Session,
  policy: Policy,
  json: NonNullable<Flags['json']> | boolean,
): ExitCode {
  const { warnings, apps, digest } = policy;
  const rules = apps.reduce((sum, app) => sum + app.rules.length, 0);
  if (json) {
    writeJson(stdout, { problems: [], warnings, digest, apps: apps.length, rules });
    return EXIT.done;
  }
  const file = nameIn(cwd, policy.file);
  for (const warning of warnings) stdout.write(warningLines(warning, file, style));
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  stdout.write(
    `${style.good('✓')} ${printable(file)}: ${count(apps.length, 'application')}, ${count(rules, 'rule')}, ${count(policy.tests.length, 'test')}, ${count(warnings.length, 'warning')}. Version ${digest}.\n`,
  );
  return EXIT.done;
}

function warningLines(
  { code, member, line, message, fix }: PolicyWarning,
  file: string,
  style: Session['style'],
): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return `${style.bold(printable(place))} ${style.warning(`${code}:`)} ${printable(member)}\n    ${printable(message)}\n    ${printable(fix)}\n`;
}

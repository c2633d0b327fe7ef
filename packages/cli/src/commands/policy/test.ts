import type { Policy, PolicyTest } from '@entra-guard/proxy/policy';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../../exit-code.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { FILE_ARGUMENT, nameIn, POLICY_FILE, withPolicies } from '../../policy/policy-file.js';
import { policyPackage } from '../../policy/policy-package.js';
import { contextsOf } from '../../policy/table-callers.js';
import type { Perform, Session } from '../../session.js';

/** `entra-guard policy test`: runs the tests in a policy, with real tokens. */
export function addPolicyTest(policy: Command, perform: Perform): void {
  policy
    .command('test')
    .description(
      'Run the tests of a policy: with tokens of a local Entra in this process, and without tokens.',
    )
    .argument('[file]', FILE_ARGUMENT, POLICY_FILE)
    .option('--json', 'print the results as one JSON document')
    .addHelpText('after', HELP)
    .action((file: string, { json = false }: { json?: boolean }) =>
      perform((session) =>
        withPolicies(session, [file], json, (read) => test(session, read as Policy, json)),
      ),
    );
}

const HELP = `
Needs @entra-guard/testing too, in the project or next to this command. Nothing listens, and nothing leaves the process.

Exit codes:
  0  all tests passed
  1  one did not, there is none, or the policy can't be read
  2  there is no such file, NODE_ENV is production, or a caller is one that Entra gives no token

Examples:
  $ entra-guard policy test
  $ entra-guard policy test policies/orders.yaml --json | jq '.tests[] | select(.passed | not)'`;

async function test(session: Session, policy: Policy, json: boolean): Promise<ExitCode> {
  const { stdout, style, cwd } = session;
  const { judgeTests } = policyPackage(session);
  const contexts = await contextsOf(session, policy);
  const now = Date.now();
  const withTokens = judgeTests(policy, { now, contexts });
  const results = judgeTests(policy, { now }).map((result, index) => {
    const real = withTokens[index] ?? result;
    const failure = [
      result.failure,
      real.failure === result.failure ? '' : `with a token it ${real.failure || 'passed'}`,
    ]
      .filter((text) => text !== '')
      .join('; ');
    return { test: result.test, passed: result.passed && real.passed, failure };
  });
  const failed = results.filter(({ passed }) => !passed);
  const ended = failed.length > 0 || results.length === 0 ? EXIT.findings : EXIT.done;
  if (json) {
    writeJson(stdout, {
      tests: results.map(({ test: row, passed, failure }) => ({
        line: row.line,
        test: rowText(row),
        passed,
        ...(failure === '' ? {} : { failure }),
      })),
    });
    return ended;
  }
  const file = printable(nameIn(cwd, policy.file));
  for (const { test: row, failure } of failed) {
    stdout.write(
      `${style.bold(`${file}:${row.line}`)} ${style.bad('✗')} ${printable(rowText(row))}\n    ${printable(failure)}\n`,
    );
  }
  if (results.length === 0) {
    stdout.write(`${style.bad('✗')} ${file} has no tests. Say what is to be allowed and what refused:\n`);
    stdout.write('    tests:\n      - { GET: /orders/42, refuse: credentials_missing }\n');
    return ended;
  }
  const mark = failed.length === 0 ? style.good('✓') : style.bad('✗');
  stdout.write(`${mark} ${file}: ${results.length - failed.length} passed, ${failed.length} failed.\n`);
  return ended;
}

/** A row as one line: who asks what, and what is to become of it. */
function rowText({ as, caller, host, method, path, allow, refuse }: PolicyTest): string {
  const who =
    typeof as === 'string'
      ? as
      : (caller?.user ?? caller?.app ?? caller?.agent ?? 'a caller without a token');
  return `${who}: ${method} ${host}${path}: ${allow ? 'allow' : `refuse${refuse === undefined ? '' : ` with ${refuse}`}`}`;
}

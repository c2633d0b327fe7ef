import type { Policy, PolicyDecision, PolicyTest } from '@entra-guard/proxy/policy';
import type { Command } from 'commander';
import { BadInputError } from '../../bad-input.js';
import { EXIT, type ExitCode } from '../../exit-code.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { FILE_ARGUMENT, nameIn, POLICY_FILE, withPolicies } from '../../policy/policy-file.js';
import { contextsOf } from '../../policy/table-callers.js';
import type { Perform, Session } from '../../session.js';

interface Flags {
  readonly as?: string;
  readonly json?: boolean;
}

/** `entra-guard policy explain`: which rule decides about a request, and what it decides. */
export function addPolicyExplain(policy: Command, perform: Perform): void {
  policy
    .command('explain')
    .description(
      'Say which rule decides about a request, whether a caller may send it, and what would be enough.',
    )
    .usage("[options] [file] 'GET https://host/path'")
    .argument(
      '<request...>',
      `${FILE_ARGUMENT} (default: ${POLICY_FILE}), and the request: method, space, URL`,
    )
    .option('--as <name>', 'who asks: a name of callers in the policy (default: a caller without a token)')
    .option('--json', 'print it as one JSON document')
    .addHelpText('after', HELP)
    .action((given: readonly string[], flags: Flags) => perform((session) => explain(session, given, flags)));
}

const HELP = `
With --as it needs @entra-guard/testing too. Without a host, https://host, it is the only host of the policy.

Exit codes:
  0  it was explained, whatever the decision is
  1  the policy can't be read
  2  there is no such file or caller, or the request can't be read

Examples:
  $ entra-guard policy explain 'GET https://orders.contoso.example/orders/42' --as ada
  $ entra-guard policy explain policies/orders.yaml 'DELETE /orders/42'`;

async function explain(
  session: Session,
  given: readonly string[],
  { as, json = false }: Flags,
): Promise<ExitCode> {
  const [file, text] = given.length === 1 ? [POLICY_FILE, given[0]] : given;
  if (file === undefined || text === undefined || given.length > 2) {
    throw new BadInputError(
      `There are ${given.length} arguments.`,
      "Put quotes around the request: 'GET https://orders.contoso.example/orders/42'.",
    );
  }
  return withPolicies(session, [file], json, async (read) => {
    const policy = read as Policy;
    const request = requestIn(text, policy);
    const test = as === undefined ? undefined : rowOf(request, as, policy);
    const auth =
      test === undefined ? undefined : (await contextsOf(session, { ...policy, tests: [test] })).get(test);
    write(session, policy, { request, as, decision: policy.decide({ ...request, auth }) }, json);
    return EXIT.done;
  });
}

interface Request {
  readonly method: string;
  readonly host: string;
  readonly path: string;
}

/** Reads a request. Its path is left as it is: no URL parser must make it canonical. */
function requestIn(text: string, { apps }: Policy): Request {
  const [, method, host, path] = /^(\S+) +(?:https?:\/\/([^/?#\s]+))?((?:[/?#*].*)?)$/s.exec(text) ?? [];
  const hosts = apps.flatMap((app) => app.hosts);
  const only = hosts.length === 1 && !hosts[0]?.startsWith('*') ? hosts[0] : undefined;
  const found = host ?? only;
  if (method === undefined || path === undefined) {
    throw new BadInputError(
      `The request is ${printable(text.slice(0, 100))}.`,
      "Write method, space and URL: 'GET https://orders.contoso.example/orders/42'.",
    );
  }
  if (found !== undefined) return { method, host: found, path: path === '' ? '/' : path };
  throw new BadInputError(
    'The request names no host.',
    `Name one: ${hosts.map((one) => `https://${one}`).join(', ')}.`,
  );
}

function rowOf(request: Request, as: string, { callers }: Policy): PolicyTest {
  const caller = callers.get(as);
  if (caller === undefined) {
    throw new BadInputError(
      `The policy has no caller ${printable(as)}.`,
      callers.size === 0
        ? 'Add it: callers: { ada: { user: ada, scopes: [Orders.Read] } }.'
        : `It has ${[...callers.keys()].join(', ')}.`,
    );
  }
  return { ...request, as, caller, allow: true, refuse: undefined, rule: undefined, line: 0 };
}

interface Explained {
  readonly request: Request;
  readonly as: string | undefined;
  readonly decision: PolicyDecision;
}

function write({ stdout, style, cwd }: Session, policy: Policy, explained: Explained, json: boolean): void {
  const { request, as, decision } = explained;
  const { rule } = policy.match(request);
  const app = policy.apps.find(({ name }) => name === decision.app);
  const owner = rule?.requirement.owner ?? app?.owner;
  const why = decision.error?.message ?? whyOf(decision);
  const hint = decision.error?.hint ?? decision.denial?.hint;
  const facts = {
    ...request,
    as: as ?? null,
    allow: decision.allow,
    ...(decision.code === undefined ? {} : { code: decision.code }),
    ...(rule === undefined
      ? {}
      : {
          rule: rule.path,
          line: rule.line,
          requirement: String(rule.requirement),
          because: rule.requirement.reasons,
        }),
    ...(decision.app === undefined ? {} : { app: decision.app }),
    ...(owner === undefined ? {} : { owner }),
    ...(decision.denial === undefined
      ? {}
      : { missing: decision.denial.missing, enough: decision.denial.enough }),
    ...(hint === undefined ? {} : { hint }),
  };
  if (json) {
    writeJson(stdout, facts);
    return;
  }
  const row = (name: string, text: string): string => `  ${style.faint(name.padEnd(12))}${printable(text)}\n`;
  const who = as ?? 'a caller without a token';
  const became = decision.allow ? style.good('Allowed') : style.bad(`Refused: ${decision.code}`);
  stdout.write(`${became}. ${printable(`${who}: ${request.method} ${request.host}${request.path}`)}\n`);
  if (rule !== undefined) {
    stdout.write(row('rule', `${rule.path} (${nameIn(cwd, policy.file)}:${rule.line})`));
    stdout.write(row('requires', String(rule.requirement)));
    if (rule.requirement.reasons.length > 0) stdout.write(row('because', rule.requirement.reasons.join(' ')));
  }
  if (owner !== undefined)
    stdout.write(row('owner', [owner.team, owner.onCall ?? owner.contact].filter(Boolean).join(', ')));
  if (why !== undefined) stdout.write(row('why', why));
  for (const [name, values] of Object.entries(decision.denial?.enough ?? {})) {
    stdout.write(row('enough', `${name}: ${(values as readonly string[]).join(', ')}`));
  }
  if (hint !== undefined) stdout.write(row('to change', hint));
}

function whyOf({ allow, code, denial }: PolicyDecision): string | undefined {
  if (allow) return undefined;
  if (code === 'credentials_missing') return 'The request brings no token.';
  return denial === undefined ? undefined : `The caller lacks ${denial.missing.join(', ')}.`;
}

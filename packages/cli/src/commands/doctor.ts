import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import {
  CONFIGURATION_HELP,
  type ConfigurationFlags,
  saysNothing,
  withConfiguration,
} from '../configuration/configuration-options.js';
import type { Check } from '../doctor/check.js';
import { diagnose } from '../doctor/diagnose.js';
import { diagnoseRedis } from '../doctor/diagnose-redis.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { clientsPage } from '../mcp/clients-page.js';
import { diagnoseMcp } from '../mcp/diagnose-mcp.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import { REDIS_VARIABLE, redisAddress } from '../redis/redis-address.js';
import type { Perform, Session } from '../session.js';
import { withRedisFlags } from './revoke.js';

interface Flags extends ConfigurationFlags {
  readonly redis?: string;
  readonly prefix?: string;
  readonly mcp?: string;
  readonly json?: true;
}

/** `entra-guard doctor`: what keeps an API from judging tokens, on this machine. */
export function addDoctor(program: Command, perform: Perform): void {
  const command = program
    .command('doctor')
    .description('Look at what an API needs on this machine to judge tokens, and say what to change.')
    .summary('find what is wrong with configuration, network, clock, keys, Redis or an MCP server')
    .option('--mcp <url>', 'look at an MCP server instead, from outside, client by client')
    .option('--json', 'print the checks as one JSON document');
  withRedisFlags(withConfiguration(command))
    .addHelpText('after', HELP)
    .action((flags: Flags) => perform((session) => examine(session, flags)));
}

const HELP = `
${CONFIGURATION_HELP}

Asks the authority for its metadata and keys, as the API would. Sends nothing else, and needs no token.

With --redis or ${REDIS_VARIABLE} it also looks at the Redis by which processes share revocations; where nothing names an API, at that
alone. It changes nothing there. What the user of the URL may do is tried with commands of no effect, and what Redis refuses is
in its ACL log. Use the URL of the API: the rights of its user are judged.

With --mcp it looks at that server alone, which need not use entra-guard, and at the authorization server that it names. It asks
what clients ask before they have a token, sends no credentials, only once a text that is not a token, follows no redirect to another
origin, and says for each client whether it connects. What is wrong there is a problem if it stops a client, or lets in a caller.

Exit codes:
  0  no problem was found; there may be warnings
  1  there is a problem
  2  an option is wrong

Examples:
  $ entra-guard doctor
  $ entra-guard doctor --tenant contoso.example --client 00001111-aaaa-2222-bbbb-3333cccc4444
  $ entra-guard doctor --authority http://127.0.0.1:8888/ccccdddd-2222-eeee-3333-ffff4444aaaa/v2.0 --client …
  $ entra-guard doctor --redis rediss://cache.contoso.example:6380 --prefix {entra-guard}
  $ entra-guard doctor --mcp https://mcp.contoso.example/mcp
  $ kubectl exec deploy/orders -- npx @entra-guard/cli doctor --json`;

async function examine(session: Session, flags: Flags): Promise<ExitCode> {
  if (flags.mcp !== undefined) return examineMcp(session, flags.mcp, flags);
  const address = redisAddress(flags.redis, session.env);
  if (address === undefined && flags.prefix !== undefined) {
    throw new BadInputError(
      '--prefix is for a Redis.',
      `Name it with --redis <url> or in ${REDIS_VARIABLE}, or leave it out.`,
    );
  }
  const redisAlone = address !== undefined && saysNothing(flags, session.env);
  const checks = [
    ...(redisAlone ? [] : await diagnose(flags, session)),
    ...(address === undefined ? [] : await diagnoseRedis(session, address, flags.prefix)),
  ];
  const problems = checks.filter(({ status }) => status === 'problem').length;
  if (flags.json) writeJson(session.stdout, { ok: problems === 0, checks });
  else session.stdout.write(page(checks, problems, session.style));
  return problems === 0 ? EXIT.done : EXIT.findings;
}

async function examineMcp(session: Session, url: string, flags: Flags): Promise<ExitCode> {
  const others = Object.keys(flags).filter((name) => name !== 'mcp' && name !== 'json');
  if (others.length > 0) {
    throw new BadInputError(
      '--mcp looks at a server from outside, and at nothing else.',
      'Leave out the other options: no tenant, client or Redis is asked about.',
    );
  }
  const { checks, clients } = await diagnoseMcp(session, url);
  const problems = checks.filter(({ status }) => status === 'problem').length;
  if (flags.json) writeJson(session.stdout, { ok: problems === 0, checks, clients });
  else {
    const { style, stdout } = session;
    stdout.write(`${page(checks, problems, style)}\n${clientsPage(clients, style)}`);
  }
  return problems === 0 ? EXIT.done : EXIT.findings;
}

function page(checks: readonly Check[], problems: number, style: Style): string {
  const warnings = checks.filter(({ status }) => status === 'warning').length;
  const sum = [count(problems, 'problem'), ...(warnings === 0 ? [] : [count(warnings, 'warning')])].join(
    ', ',
  );
  return `${checks.flatMap((check) => checkLines(check, style)).join('\n')}\n\n${style.bold(`${sum}.`)}\n`;
}

function checkLines({ name, status, found, hint, code }: Check, style: Style): string[] {
  const mark = {
    ok: style.good('✓'),
    warning: style.warning('!'),
    problem: style.bad('✗'),
    skipped: style.faint('-'),
  }[status];
  const what = `${printable(found)}${code === undefined || status === 'ok' ? '' : ` (${code})`}`;
  const text = status === 'skipped' ? style.faint(`not checked: ${what}`) : what;
  const arrow = status === 'ok' ? ' ' : style.warning('→');
  return [
    `${mark} ${name.padEnd(14)} ${text}`,
    ...(hint === undefined ? [] : [`    ${arrow} ${printable(hint)}`]),
  ];
}

const count = (number: number, what: string): string =>
  `${number === 0 ? 'No' : number} ${what}${number === 1 ? '' : 's'}`;

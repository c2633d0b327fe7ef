import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { collect } from '../configuration/collect.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { localPackage, RUN_LOCAL } from '../local/local-package.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Perform, Session } from '../session.js';
import { askLocalEntra } from '../token/ask-local-entra.js';
import { AZURE_CLI, azureCliSteps } from '../token/azure-cli.js';
import { type TokenFlags, tokenRequest } from '../token/token-request.js';
import { readPort } from './local.js';

interface Flags extends TokenFlags {
  readonly port?: number;
  readonly tls?: true;
  readonly state?: string;
  readonly az?: true;
  readonly json?: true;
}

/** `entra-guard token`: a token of a running local Entra, or how the Azure CLI gets a real one. */
export function addToken(program: Command, perform: Perform): void {
  program
    .command('token')
    .description('Print an access token of a running local Entra, and nothing else.')
    .summary('get a token of the local Entra')
    .option('--as <user>', 'a delegated token: for this user')
    .option('--app <name>', 'an app-only token: for this app')
    .option('--managed-identity [name]', 'an app-only token: for this managed identity')
    .option('--agent <name>', 'a token of this agent identity, as itself')
    .option('--on-behalf-of <user>', 'the user that the agent acts for')
    .option('--own-account', 'the agent acts through its own user account')
    .option('--api <name>', 'the API: name, client ID or application ID URI (default: the only one)')
    .option('--scope <scope>', "may be repeated (default: the API's first scope)", collect)
    .option('--role <role>', 'an app role; may be repeated (default: those that are assigned)', collect)
    .option('--client <name>', 'the app that acts for the user')
    .option('--tenant <name>', 'the tenant (default: the first one)')
    .option('--port <number>', 'port of the local Entra (default: 8484)', readPort)
    .option('--tls', 'the local Entra was started with --tls')
    .option('--state <file>', 'the state file of the local Entra, which says where it is')
    .option('--az', 'print the line by which the Azure CLI gets a token of a real tenant')
    .option('--json', 'print the token and when it expires as one JSON document')
    .addHelpText('after', HELP)
    .action((flags: Flags) => perform((session) => token(session, flags)));
}

const HELP = `
A local Entra has to run on this machine:
  ${RUN_LOCAL}

With --az the line is printed to standard output, and to standard error what it needs: mostly that the API's registration
pre-authorizes the Azure CLI, ${AZURE_CLI}, for the scope.

Exit codes:
  0  the token was printed
  2  no local Entra runs, it refused, or an option is wrong

Examples:
  $ curl -H "Authorization: Bearer $(entra-guard token --as ada --scope Orders.Read)" http://localhost:3000/orders
  $ entra-guard token --app job --api orders --role Orders.Read.All
  $ entra-guard token --managed-identity
  $ entra-guard token --agent helper --on-behalf-of ada | entra-guard explain -
  $ entra-guard token --az --as me --api api://00001111-aaaa-2222-bbbb-3333cccc4444 --scope Orders.Read`;

async function token(session: Session, flags: Flags): Promise<ExitCode> {
  const { stdout, stderr, errorStyle, env } = session;
  if (flags.az) {
    const steps = azureCliSteps(flags, env);
    if (flags.json) {
      writeJson(stdout, steps);
      return EXIT.done;
    }
    stdout.write(`${steps.line}\n`);
    for (const need of steps.needs) stderr.write(`${errorStyle.faint('needs:')} ${printable(need)}\n`);
    return EXIT.done;
  }
  const request = tokenRequest(flags);
  const origin = originOf(session, flags);
  const fetch = origin.startsWith('https:') ? localPackage(session).localFetch(origin) : session.fetch;
  const { note, ...minted } = await askLocalEntra(origin, request, fetch);
  if (note !== undefined) stderr.write(`${errorStyle.warning('note:')} ${printable(note)}\n`);
  if (flags.json) writeJson(stdout, minted);
  else stdout.write(`${printable(minted.token)}\n`);
  return EXIT.done;
}

/** Where the local Entra is. The address is exact: another process may listen on ::1, and "localhost" may be that. */
function originOf(session: Session, { state, port, tls }: Flags): string {
  if (state === undefined || port !== undefined) {
    return `${tls ? 'https' : 'http'}://127.0.0.1:${port ?? 8484}`;
  }
  const origin = localPackage(session).originInState(resolve(session.cwd, state));
  if (origin !== undefined) return origin.replace('//localhost:', '//127.0.0.1:');
  throw new BadInputError(
    `There is no file ${printable(state)}.`,
    `Name the file that "entra-guard local --state" writes, or the port: --port 8484.`,
  );
}

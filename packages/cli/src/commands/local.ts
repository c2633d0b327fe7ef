import type { StartedLocal } from '@entra-guard/testing/local';
import { type Command, InvalidArgumentError } from 'commander';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type LocalFlags, localOptions } from '../local/local-options.js';
import { localPackage, RUN_LOCAL } from '../local/local-package.js';
import { localPage } from '../local/local-page.js';
import { writeJson } from '../output/json.js';
import { projectFile } from '../project/project-package.js';
import type { Perform, Session } from '../session.js';

interface Flags extends LocalFlags {
  readonly json?: true;
}

/** `entra-guard local`: a Microsoft Entra ID on this machine, for development. */
export function addLocal(program: Command, perform: Perform): void {
  program
    .command('local')
    .description('Run a local Microsoft Entra ID on this machine, for development, until Ctrl-C.')
    .summary('run a local Entra for development')
    .option('--config <file>', 'options of startEntra as JSON (default: entra.local.json, if it is there)')
    .option('--port <number>', 'port of 127.0.0.1; 0 is any free one (default: 8484)', readPort)
    .option('--tls', 'use https, with a test certificate for localhost')
    .option('--seed <file...>', 'app registrations as JSON, or modules that export a catalogue')
    .option('--state <file>', 'keep directory and signing keys in this file between runs (mode 0600)')
    .option('--json', 'print addresses, users and settings as one JSON document')
    .addHelpText('after', HELP)
    .action((flags: Flags) => perform((session) => runLocal(session, flags)));
}

const HELP = `
Needs @entra-guard/testing, in the project or next to this command:
  ${RUN_LOCAL}

It gives any caller any token. It listens on 127.0.0.1 only, refuses to start where NODE_ENV is production, and an API trusts
it only if its options say so.

Exit codes:
  0  it was ended, by Ctrl-C or SIGTERM
  2  it could not start: a wrong option or configuration, a port that is taken

Examples:
  $ entra-guard local
  $ entra-guard local --config entra.local.json --port 9000 --tls
  $ entra-guard local --seed application.json dist/permissions.js
  $ entra-guard local --state entra.state.json
  $ entra-guard local --json | jq .report.users`;

/** For `--port` of every command. */
export function readPort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

async function runLocal(session: Session, flags: Flags): Promise<ExitCode> {
  assertNotProduction(session);
  const local = localPackage(session);
  const { options, file } = await localOptions(session, local, flags);
  const ended = session.interrupted();
  const { entra, report } = await started(() => local.startLocal(options));
  const certificate =
    options.tls === true ? projectFile(session, '@entra-guard/testing', 'localhost.pem') : undefined;
  const settings = local.clientSettings(report, certificate);
  const notes = [
    file === undefined
      ? flags.seed === undefined
        ? 'It has an example directory. Write your own into entra.local.json.'
        : 'It has the seeds, and users and clients of the example directory.'
      : `It has the directory in ${file}.`,
    options.state === undefined
      ? 'State is in memory, and gone when it ends.'
      : `The directory and the signing keys are kept in ${options.state}, which only you may read (mode 0600). Sign-ins are not kept.`,
  ];
  if (flags.json) writeJson(session.stdout, { report, settings, notes });
  else session.stdout.write(localPage({ report, settings, notes }, session.style));
  await ended;
  await entra.close();
  session.stderr.write('Ended.\n');
  return EXIT.done;
}

function assertNotProduction({ env }: Session): void {
  if (env.NODE_ENV !== 'production') return;
  throw new BadInputError(
    'NODE_ENV is "production", and a local Entra gives any caller any token.',
    'Unset NODE_ENV in this terminal. Nothing in production may trust a local Entra.',
  );
}

/** Starts it, and says of a port what flags can do about it. */
async function started(start: () => Promise<StartedLocal>): Promise<StartedLocal> {
  try {
    return await start();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const hint = 'Stop that process, or name another port: --port 8485. 0 is any free one.';
    if (code === 'port_taken') {
      // The sentence after it is for who calls startEntra().
      throw new BadInputError((error as Error).message.replace(/(?<=\.) .*$/, ''), hint);
    }
    if (code === 'EACCES') {
      throw new BadInputError('This user may not listen on that port.', 'Name one above 1023: --port 8484.');
    }
    throw error;
  }
}

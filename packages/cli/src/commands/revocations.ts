import { type Duration, printDuration, type Target } from '@entra-guard/core';
import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { REDIS_VARIABLE, type RedisAddress, redisAddress } from '../redis/redis-address.js';
import { withRedis } from '../redis/redis-connection.js';
import { operatorPackage } from '../redis/redis-packages.js';
import { recordLines } from '../revocation/record-lines.js';
import { operating } from '../revocation/redis-store.js';
import { chosenStore, type StoreFlags } from '../revocation/revocation-store.js';
import { KIND_NAMES, targetFrom } from '../revocation/revocation-target.js';
import type { Perform, Session } from '../session.js';
import { STORE_HELP, withRedisFlags, withStore } from './revoke.js';

interface ListFlags extends StoreFlags {
  readonly user?: string;
  readonly tenant?: string;
  readonly json?: true;
}

interface LiftFlags extends StoreFlags {
  readonly because: string;
  readonly json?: true;
}

type RedisFlags = Pick<StoreFlags, 'redis' | 'prefix'> & { readonly json?: true };

/** `entra-guard revocations`: who is shut out, and what else operators do with the records. */
export function addRevocations(program: Command, perform: Perform): void {
  const revocations = program
    .command('revocations')
    .description('List and lift revocations, begin a prefix of a Redis, and set how long tokens may live.')
    .summary('list and lift revocations')
    .helpCommand(false)
    .addHelpText('after', HELP);
  withStore(
    revocations
      .command('list')
      .description('List revocations, the newest first: all, or those of one target.')
      .argument('[kind]', `one of ${KIND_NAMES.join(', ')}`)
      .argument('[id]', 'its ID')
      .option('--user <id>', 'the same as: user <id>')
      .option('--tenant <id>', 'the tenant that the ID belongs to'),
  )
    .option('--json', 'print the records as one JSON document')
    .action((kind: string | undefined, id: string | undefined, flags: ListFlags) =>
      perform((session) => list(session, kind, id, flags)),
    );
  withStore(
    revocations
      .command('lift')
      .description('End a revocation: from then on, valid tokens are accepted again.')
      .argument('<id>', 'the ID of the record')
      .requiredOption('--because <reason>', 'why, for the audit trail'),
  )
    .option('--json', 'print what was lifted as one JSON document')
    .action((id: string, flags: LiftFlags) => perform((session) => lift(session, id, flags)));
  withRedisFlags(
    revocations
      .command('init')
      .description('Begin a prefix, so that processes whose Redis user may only read can start.'),
  )
    .option('--json', 'print what was done as one JSON document')
    .action((flags: RedisFlags) => perform((session) => init(session, flags)));
  withRedisFlags(
    revocations
      .command('longest-token')
      .description(
        'Print how long a token may live in all processes of a prefix, or set it. It is lowered only if no process needs more.',
      )
      .argument('[duration]', 'such as 2h'),
  )
    .option('--json', 'print it in seconds as one JSON document')
    .action((duration: string | undefined, flags: RedisFlags) =>
      perform((session) => longestToken(session, duration, flags)),
    );
}

const HELP = `
${STORE_HELP}

Exit codes:
  0  it was done, or there was nothing to do
  1  there are records that this release can't read
  2  it was refused, or is not known to have worked; the error says which

Examples:
  $ entra-guard revocations list
  $ entra-guard revocations list user 11111111-2222-3333-4444-555555555555 --tenant $TENANT --json
  $ entra-guard revocations lift 2d4dd1e7-… --because "back from leave"
  $ entra-guard revocations init
  $ entra-guard revocations longest-token 2h`;

async function list(
  session: Session,
  kind: string | undefined,
  id: string | undefined,
  flags: ListFlags,
): Promise<ExitCode> {
  const { stdout, style } = session;
  const target = listTarget(kind, id, flags);
  const { records, unreadable } = await chosenStore(session, flags, 'revocations list').list(target);
  if (flags.json) {
    writeJson(stdout, { revocations: records, ...(unreadable === 0 ? {} : { unreadable }) });
  } else {
    const blocks = records.map((record) => `${recordLines(record, style).join('\n')}\n\n`);
    stdout.write(`${blocks.join('')}${count(records.length, 'revocation')}.\n`);
  }
  if (unreadable === 0) return EXIT.done;
  session.stderr.write(
    `${session.errorStyle.warning('note:')} ${count(unreadable, 'record')} can't be read by this release. Use the newest release that any process has.\n`,
  );
  return EXIT.findings;
}

function listTarget(
  kind: string | undefined,
  id: string | undefined,
  { user, tenant }: ListFlags,
): Target | undefined {
  if (kind !== undefined && user !== undefined) {
    throw new BadInputError(`--user and ${kind} name two targets.`, 'Name one.');
  }
  if (user !== undefined) return targetFrom('user', user, { ...(tenant === undefined ? {} : { tenant }) });
  if (kind === undefined && tenant === undefined) return undefined;
  const name = KIND_NAMES.find((one) => one === kind);
  if (name === undefined) {
    throw new BadInputError(
      kind === undefined ? '--tenant alone names no target.' : `There is no kind "${kind}".`,
      `Write one of ${KIND_NAMES.join(', ')}, and its ID. Without a kind all are listed.`,
    );
  }
  return targetFrom(name, id, {
    ...(tenant === undefined ? {} : { tenant }),
    // A token is found by its ID alone.
    ...(name === 'token' ? { expires: '9999-01-01' } : {}),
  });
}

async function lift(session: Session, id: string, flags: LiftFlags): Promise<ExitCode> {
  const lifted = await chosenStore(session, flags, 'revocations lift …').lift(id, flags.because);
  if (flags.json) writeJson(session.stdout, { id, lifted });
  else session.stdout.write(lifted ? `Lifted: ${printable(id)}\n` : `Was lifted before: ${printable(id)}\n`);
  return EXIT.done;
}

async function init(session: Session, flags: RedisFlags): Promise<ExitCode> {
  const command = 'revocations init';
  const address = addressOf(session, flags);
  const { beginRevocations } = operatorPackage(session, command);
  const prefix = flags.prefix ?? '{entra-guard}';
  const begun = await withRedis(session, address, command, (client) => beginRevocations(client, { prefix }));
  if (flags.json) writeJson(session.stdout, { prefix, begun });
  else {
    session.stdout.write(
      begun
        ? `The prefix ${printable(prefix)} of ${printable(address.shown)} has begun. Processes that may only read can start in 5 seconds.\n`
        : `The prefix ${printable(prefix)} of ${printable(address.shown)} had begun before.\n`,
    );
  }
  return EXIT.done;
}

async function longestToken(
  session: Session,
  duration: string | undefined,
  flags: RedisFlags,
): Promise<ExitCode> {
  const { stdout, stderr, errorStyle } = session;
  const address = addressOf(session, flags);
  const { before, now } = await operating(
    session,
    address,
    flags.prefix,
    'revocations longest-token …',
    async (operator) => {
      if (duration === undefined) return { before: operator.longestToken, now: operator.longestToken };
      return operator.setLongestToken(duration as Duration);
    },
  );
  if (flags.json) writeJson(stdout, { longestToken: now, before });
  else
    stdout.write(
      before === now ? `${printDuration(now)}\n` : `${printDuration(now)}, before ${printDuration(before)}\n`,
    );
  if (now < before) {
    stderr.write(
      `${errorStyle.warning('note:')} Processes whose Redis user may only read can't be asked. Check that they are started with ${printDuration(now)} or less: health says if one is not.\n`,
    );
  }
  return EXIT.done;
}

function addressOf({ env }: Session, { redis }: RedisFlags): RedisAddress {
  const address = redisAddress(redis, env);
  if (address !== undefined) return address;
  throw new BadInputError(
    'Which Redis?',
    `Name the one that the processes share, with --redis <url> or in ${REDIS_VARIABLE}.`,
  );
}

function count(number: number, what: string): string {
  return `${number === 0 ? 'No' : number} ${what}${number === 1 ? '' : 's'}`;
}

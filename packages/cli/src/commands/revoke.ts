import { millisecondsFromText } from '@entra-guard/core/revocation';
import { Argument, type Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { TOKEN_VARIABLE } from '../explain/read-token.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { REDIS_VARIABLE } from '../redis/redis-address.js';
import { RUN_WITH_REDIS } from '../redis/redis-packages.js';
import { recordLines } from '../revocation/record-lines.js';
import { chosenStore, type Revocation, type StoreFlags } from '../revocation/revocation-store.js';
import { KIND_NAMES, type KindName, type TargetFlags, targetFrom } from '../revocation/revocation-target.js';
import type { Perform, Session } from '../session.js';

interface Flags extends StoreFlags, TargetFlags {
  readonly because: string;
  readonly before?: string;
  readonly until?: string;
  readonly source: string;
  readonly json?: true;
}

/** `entra-guard revoke <kind> [id]`: shuts a caller out of every process, although its tokens are still valid. */
export function addRevoke(program: Command, perform: Perform): void {
  const command = program
    .command('revoke')
    .description(
      'Shut a user, an app, a session or a tenant out at once, although the tokens are still valid.',
    )
    .summary('shut a caller out of every process at once')
    .addArgument(new Argument('<kind>', 'what to revoke').choices(KIND_NAMES))
    .argument('[id]', 'object ID, client ID, session ID (sid), token ID (uti) or tenant ID')
    .option('--tenant <id>', 'the tenant that the ID belongs to')
    .requiredOption('--because <reason>', 'why, for the audit trail')
    .option('--before <time>', 'refuse only tokens that were issued until then: ISO 8601, or now')
    .option('--until <time>', 'when the record ends, in ISO 8601 (default: a ban when it is lifted)')
    .option('--expires <time>', 'of a token: when it expires, in ISO 8601')
    .option('--source <name>', 'what revokes', 'cli');
  withStore(command)
    .option('--json', 'print the record as one JSON document')
    .addHelpText('after', HELP)
    .action((kind: KindName, id: string | undefined, flags: Flags) =>
      perform((session) => revoke(session, kind, id, flags)),
    );
}

/** The flags of every command that needs to know where the revocations are. */
export function withStore(command: Command): Command {
  return withRedisFlags(command)
    .option('--api <url>', 'an API with the routes of revocations: what comes before /revocations')
    .option(
      '--token <source>',
      `of the API: "-" reads the access token from standard input; else ${TOKEN_VARIABLE} is taken`,
    );
}

/** The flags of every command that needs a Redis. */
export function withRedisFlags(command: Command): Command {
  return command
    .option('--redis <url>', `the Redis that the processes share; else ${REDIS_VARIABLE} is taken`)
    .option('--prefix <prefix>', 'the prefix of its keys (default: {entra-guard})');
}

/** For `--help`. */
export const STORE_HELP = `--redis needs @entra-guard/redis and a client, redis or ioredis, in the project or next to this command:
  ${RUN_WITH_REDIS} …
A password belongs into ${REDIS_VARIABLE}, and an access token into standard input or ${TOKEN_VARIABLE}: others on this machine
read the command line.`;

const HELP = `
Without --before it is a ban: all tokens are refused, until the record is lifted. With --before a fresh sign-in helps. The command
ends once the record was read back; every process refuses from then on. Users are found by their object ID alone:
  az ad user show --id ada@contoso.example --query id -o tsv

${STORE_HELP}

Exit codes:
  0  it is revoked, or was before
  2  it was refused, or is not known to have worked; the error says which

Examples:
  $ entra-guard revoke user 11111111-2222-3333-4444-555555555555 --tenant $TENANT --because "left, HR-1234"
  $ entra-guard revoke user 11111111-2222-3333-4444-555555555555 --tenant $TENANT --before now --because "lost her laptop"
  $ entra-guard revoke app 00001111-aaaa-2222-bbbb-3333cccc4444 --because "its secret leaked"
  $ entra-guard revoke session 008f4ccb-… --tenant $TENANT --because "unknown device"
  $ entra-guard revoke token XQ3tbyy7 --expires 2030-01-31T12:00:00Z --because "in a bug report"
  $ entra-guard revoke tenant $TENANT --because "contract ended"
  $ entra-guard revoke everyone --before now --because "keys were stolen"
  $ az account get-access-token --scope api://…/.default --query accessToken -o tsv |
      entra-guard revoke user … --tenant $TENANT --because "left, HR-1234" --api https://orders.contoso.example --token -`;

async function revoke(
  session: Session,
  kind: KindName,
  id: string | undefined,
  flags: Flags,
): Promise<ExitCode> {
  const { stdout, style } = session;
  const revocation = revocationFrom(kind, id, flags, session.now());
  const store = chosenStore(session, flags, 'revoke …');
  const { record, before } = await store.revoke(revocation);
  if (flags.json) {
    writeJson(stdout, record);
    return EXIT.done;
  }
  const [whom, ...lines] = recordLines(record, style);
  stdout.write(`${before ? 'Was revoked before:' : style.good('Revoked:')} ${whom}\n${lines.join('\n')}\n`);
  stdout.write(`To lift it: entra-guard revocations lift ${printable(record.id)} --because …\n`);
  if (record.reach === 'process') {
    session.stderr.write(
      `${session.errorStyle.warning('note:')} ${printable(store.name)} keeps revocations in one process. Others do not refuse, and a new start forgets it.\n`,
    );
  }
  return EXIT.done;
}

function revocationFrom(kind: KindName, id: string | undefined, flags: Flags, now: number): Revocation {
  const { because, before, until, source } = flags;
  const target = targetFrom(kind, id, flags);
  if (kind === 'everyone' && before === undefined) {
    throw new BadInputError(
      'Without --before, everyone would be refused for ever.',
      'Say --before now: a caller who signs in again later gets in. To shut an API, stop it.',
    );
  }
  return {
    target,
    because,
    ...(before === undefined
      ? {}
      : { issuedBefore: before === 'now' ? now : millisecondsFromText('--before', before) }),
    ...(until === undefined ? {} : { until: millisecondsFromText('--until', until) }),
    source,
  };
}

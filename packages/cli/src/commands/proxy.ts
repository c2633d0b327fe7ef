import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ProxyOptions } from '@entra-guard/proxy';
import type { Policy } from '@entra-guard/proxy/policy';
import type * as Redis from '@entra-guard/redis';
import { type Command, Option } from 'commander';
import { BadInputError } from '../bad-input.js';
import { collect } from '../configuration/collect.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printable } from '../output/printable.js';
import { keyIn } from '../policy/assertion-keys.js';
import { followPolicy } from '../policy/followed-policy.js';
import { FILE_ARGUMENT, POLICY_FILE, withPolicies } from '../policy/policy-file.js';
import { proxyPackage } from '../policy/proxy-package.js';
import { started } from '../policy/taken-address.js';
import { fromProject } from '../project/project-package.js';
import { type KeptClient, keptClient } from '../redis/kept-client.js';
import { redisAddress } from '../redis/redis-address.js';
import { RUN_WITH_REDIS } from '../redis/redis-packages.js';
import type { Perform, Session } from '../session.js';

interface Flags {
  readonly listen?: string;
  readonly admin?: string;
  readonly key?: readonly string[];
  readonly ca?: string;
  readonly revocations?: string;
  readonly whenStale?: 'refuse' | 'accept';
}

/** `entra-guard proxy`: stands in front of applications, by a policy. */
export function addProxy(program: Command, perform: Perform): void {
  program
    .command('proxy')
    .description('Stand in front of applications by a policy, until Ctrl-C. Experimental.')
    .summary('stand in front of applications, by a policy (experimental)')
    .argument('[file]', FILE_ARGUMENT, POLICY_FILE)
    .option('--listen <address>', 'HOST:PORT or unix:PATH (default: 127.0.0.1:8080)')
    .option(
      '--admin <address>',
      'HOST:PORT of /jwks.json, /healthz, /readyz and /metrics (default: the next port; none with a Unix socket)',
    )
    .option(
      '--key <file>',
      'private key on P-256, in PEM, that signs assertions; may be repeated, the first one signs',
      collect,
    )
    .option('--ca <file>', 'certificates, in PEM, that verify applications over https')
    .option('--revocations <url>', 'Redis whose revocations shut people and apps out at once')
    .addOption(
      new Option('--when-stale <what>', 'what to do while that Redis does not answer').choices([
        'refuse',
        'accept',
      ]),
    )
    .addHelpText('after', HELP)
    .action((file: string, flags: Flags) =>
      perform((session) =>
        withPolicies(session, [file], false, (read) => serve(session, read as Policy, file, flags)),
      ),
    );
}

const HELP = `
Judges each request, and sends what may pass to the application's upstream, with a signed assertion of who called. Applications with
signIn sign browsers in with Entra. Needs @entra-guard/proxy, in the project or next to this command; for sessions.store or
--revocations in a Redis also @entra-guard/redis, and redis or ioredis.

It speaks http. For other machines, have TLS end in front, and set publicOrigin in the policy. For traffic at scale, put nginx,
HAProxy or Caddy in front, which ask entra-guard authz.

When the file changes, and on SIGHUP, it reads the policy again, and keeps the earlier one where the new one can't be used.

Exit codes:
  0  it was ended, by Ctrl-C or SIGTERM
  1  the policy can't be read
  2  it could not start: a wrong option, an address that is taken, a Redis that does not answer

Examples:
  $ entra-guard proxy
  $ entra-guard proxy entra-guard.yaml --listen 0.0.0.0:8080 --admin 127.0.0.1:9180 --key assertion.pem
  $ entra-guard proxy --revocations rediss://cache.contoso.example:6380 --when-stale refuse`;

async function serve(session: Session, policy: Policy, file: string, flags: Flags): Promise<ExitCode> {
  const kept: KeptClient[] = [];
  const ended = session.interrupted();
  const { stderr, style, stdout } = session;
  try {
    const options = await optionsOf(session, policy, flags, kept);
    const proxy = await started(() => proxyPackage(session).createProxy(options).listen());
    stdout.write(`${style.good('✓')} Listens at ${proxy.url}, by version ${policy.digest}.\n`);
    for (const { name, hosts, upstream, signIn } of policy.apps) {
      const how = signIn === false ? '' : ', signs browsers in';
      stdout.write(
        `  ${printable(name)}: ${printable(hosts.join(', '))} to ${printable(upstream ?? '')}${how}\n`,
      );
    }
    if (proxy.adminUrl !== undefined) stdout.write(`  Keys, health and metrics: ${proxy.adminUrl}\n`);
    if (flags.key === undefined) {
      stderr.write('The key that signs was made now, and other processes do not have it.\n');
    }
    const stop = followPolicy(session, proxy, file);
    await ended;
    stop();
    stderr.write('Ends when what is running is over, in 10 seconds at the latest.\n');
    await proxy.close();
    await options.revocations?.close();
  } finally {
    for (const { close } of kept) close();
  }
  stderr.write('Ended.\n');
  return EXIT.done;
}

async function optionsOf(
  session: Session,
  policy: Policy,
  { listen, admin, key, ca, revocations: url, whenStale }: Flags,
  kept: KeptClient[],
): Promise<ProxyOptions> {
  const sessions = await sessionsOf(session, policy, kept);
  const revocations = url === undefined ? undefined : await revocationsAt(session, url, whenStale, kept);
  return {
    policy,
    ...(listen === undefined ? {} : { listen }),
    ...(admin === undefined ? {} : { admin }),
    ...(key === undefined ? {} : { assertion: { keys: key.map((path) => keyIn(session, path)) } }),
    ...(ca === undefined ? {} : { upstream: { ca: certificatesIn(session, ca) } }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(revocations === undefined ? {} : { revocations }),
  };
}

/** @returns `undefined` where sessions stay in this process */
async function sessionsOf(session: Session, { sessions }: Policy, kept: KeptClient[]) {
  const { store = 'memory' } = sessions ?? {};
  if (store === 'memory') return undefined;
  return redisPackage(session).redisSessions(
    await connected(session, 'sessions.store of the policy', store, kept),
  );
}

async function revocationsAt(
  session: Session,
  url: string,
  whenStale: Flags['whenStale'],
  kept: KeptClient[],
) {
  if (whenStale === undefined) {
    throw new BadInputError(
      '--revocations is given, and --when-stale is not.',
      'Decide what to do while Redis does not answer: --when-stale refuse, or --when-stale accept.',
    );
  }
  const revocations = redisPackage(session).redisRevocations(
    await connected(session, '--revocations', url, kept),
    {
      whenStale,
    },
  );
  await revocations.ready();
  return revocations;
}

/** @param where the URL stands, for errors */
async function connected(session: Session, where: string, url: string, kept: KeptClient[]) {
  const address = URL.canParse(url) ? redisAddress(url, {}) : undefined;
  if (address === undefined) {
    throw new BadInputError(
      `${where} is not the URL of a Redis.`,
      'Write redis://host:6379, or rediss://user:password@host:6380 with TLS.',
    );
  }
  const made = await keptClient(session, address, COMMAND);
  kept.push(made);
  return made.client;
}

const COMMAND = 'proxy';

function redisPackage(session: Session): typeof Redis {
  return fromProject(session, '@entra-guard/redis', `${RUN_WITH_REDIS} ${COMMAND}`);
}

function certificatesIn({ cwd }: Session, path: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new BadInputError(
      `The certificates ${path} could not be read (${(error as NodeJS.ErrnoException).code}).`,
      'Name a PEM file with the certificate of the authority that has signed those of the applications.',
    );
  }
}

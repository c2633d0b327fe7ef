import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigurationFile, ServerName } from '@entra-guard/proxy';
import { Argument, type Command } from 'commander';
import { BadInputError } from '../../bad-input.js';
import { EXIT, type ExitCode } from '../../exit-code.js';
import { FILE_ARGUMENT, POLICY_FILE, withPolicies } from '../../policy/policy-file.js';
import { proxyPackage } from '../../policy/proxy-package.js';
import type { Perform, Session } from '../../session.js';

/** The servers of `serverConfiguration`. Written out, because the package that knows them may be missing. */
const SERVERS = ['nginx', 'haproxy', 'caddy', 'traefik', 'envoy'] as const satisfies readonly ServerName[];

interface Flags {
  readonly out?: string;
  readonly service?: string;
  readonly server?: string;
}

/** `entra-guard policy config`: the configuration of a server that asks the decision service. */
export function addPolicyConfig(policy: Command, perform: Perform): void {
  policy
    .command('config')
    .description('Print the configuration of a server that asks `entra-guard authz` about every request.')
    .addArgument(new Argument('<server>', 'the server').choices(SERVERS))
    .argument('[file]', FILE_ARGUMENT, POLICY_FILE)
    .option('--out <folder>', 'write the files into this folder, under their usual names')
    .option(
      '--service <address>',
      'where entra-guard authz listens: HOST:PORT or unix:PATH (default: 127.0.0.1:4180)',
    )
    .option('--server <address>', 'where the server is to listen: HOST:PORT (default: 127.0.0.1:8080)')
    .addHelpText('after', HELP)
    .action((server: ServerName, file: string, flags: Flags) =>
      perform((session) =>
        withPolicies(session, [file], false, (read) => {
          const { out, ...options } = flags;
          return give(
            session,
            proxyPackage(session).serverConfiguration(read as never, server, options),
            out,
          );
        }),
      ),
    );
}

const HELP = `
The server starts with what is printed: whole files, for all applications of the policy, each of which needs an upstream. It
removes what clients must not say, and passes on what the service allows. It listens without TLS: add that.

Exit codes:
  0  printed, or written
  1  the policy can't be read
  2  an application has no upstream, or an address is wrong

Examples:
  $ entra-guard policy config nginx > nginx.conf
  $ entra-guard policy config haproxy --out /etc/haproxy --server 0.0.0.0:80
  $ entra-guard policy config caddy policies/orders.yaml --service unix:/run/entra-guard.sock`;

function give({ stdout, stderr, cwd }: Session, files: readonly ConfigurationFile[], out?: string): ExitCode {
  if (out === undefined) {
    for (const { name, text } of files) {
      const comment = name.endsWith('.lua') ? '--' : '#';
      stdout.write(files.length === 1 ? text : `${comment} ${name}\n${text}\n`);
    }
    return EXIT.done;
  }
  const folder = resolve(cwd, out);
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
  } catch (error) {
    throw new BadInputError(
      `The files could not be written into ${folder} (${(error as NodeJS.ErrnoException).code}).`,
      'Name a folder that you may write to: --out ./server.',
    );
  }
  for (const { name } of files) stderr.write(`Wrote ${join(out, name)}\n`);
  return EXIT.done;
}

import type { DecisionServiceOptions, DialectName } from '@entra-guard/proxy';
import type { Policy } from '@entra-guard/proxy/policy';
import { type Command, Option } from 'commander';
import { collect } from '../configuration/collect.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printable } from '../output/printable.js';
import { keyIn } from '../policy/assertion-keys.js';
import { followPolicy } from '../policy/followed-policy.js';
import { FILE_ARGUMENT, POLICY_FILE, withPolicies } from '../policy/policy-file.js';
import { proxyPackage } from '../policy/proxy-package.js';
import { started } from '../policy/taken-address.js';
import type { Perform, Session } from '../session.js';

/** Those of `createDecisionService`. Written out, because the package that knows them may be missing. */
const DIALECTS = [
  'nginx',
  'haproxy',
  'caddy',
  'traefik',
  'envoy-http',
] as const satisfies readonly DialectName[];

interface Flags {
  readonly dialect: DialectName;
  readonly listen?: string;
  readonly admin?: string;
  readonly trust?: readonly string[];
  readonly key?: readonly string[];
}

/** `entra-guard authz`: decides for a server in front, by a policy. */
export function addAuthz(program: Command, perform: Perform): void {
  program
    .command('authz')
    .description('Decide for nginx, HAProxy, Caddy, Traefik or Envoy by a policy, until Ctrl-C.')
    .summary('decide for a server in front, by a policy')
    .argument('[file]', FILE_ARGUMENT, POLICY_FILE)
    .addOption(
      new Option('--dialect <server>', 'the server that asks').choices(DIALECTS).makeOptionMandatory(),
    )
    .option('--listen <address>', 'HOST:PORT or unix:PATH (default: 127.0.0.1:4180)')
    .option(
      '--admin <address>',
      'HOST:PORT of /jwks.json, /healthz, /readyz and /metrics (default: the next port; none with a Unix socket)',
    )
    .option('--trust <address>', 'address or network of a server in front; may be repeated', collect)
    .option(
      '--key <file>',
      'private key on P-256, in PEM, that signs assertions; may be repeated, the first one signs',
      collect,
    )
    .addHelpText('after', HELP)
    .action((file: string, flags: Flags) =>
      perform((session) =>
        withPolicies(session, [file], false, (read) => serve(session, read as Policy, file, flags)),
      ),
    );
}

const HELP = `
Needs @entra-guard/proxy, in the project or next to this command. The server's configuration is printed by
entra-guard policy config. Beyond this machine it listens only with --trust.

Without --key, a key is made at the start: applications read the new one from /jwks.json. Make one for several processes:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out assertion.pem

When the file changes, and on SIGHUP, it reads the policy again, and keeps the earlier one where the new one can't be used.

Exit codes:
  0  it was ended, by Ctrl-C or SIGTERM
  1  the policy can't be read
  2  it could not start: a wrong option, an address that is taken

Examples:
  $ entra-guard authz --dialect nginx
  $ entra-guard authz entra-guard.yaml --dialect haproxy --listen 127.0.0.1:4180 --admin 127.0.0.1:9180
  $ entra-guard authz --dialect caddy --listen unix:/run/entra-guard.sock --key assertion.pem`;

async function serve(session: Session, policy: Policy, file: string, flags: Flags): Promise<ExitCode> {
  const options: DecisionServiceOptions = {
    policy,
    dialect: flags.dialect,
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    ...(flags.admin === undefined ? {} : { admin: flags.admin }),
    ...(flags.trust === undefined ? {} : { trust: { addresses: flags.trust } }),
    ...(flags.key === undefined
      ? {}
      : { assertion: { keys: flags.key.map((path) => keyIn(session, path)) } }),
  };
  const ended = session.interrupted();
  const service = await started(() => proxyPackage(session).createDecisionService(options).listen());
  const { stderr, style, stdout } = session;
  stdout.write(
    `${style.good('✓')} Decides for ${flags.dialect} at ${service.url}, by version ${policy.digest}.\n`,
  );
  if (service.adminUrl !== undefined) stdout.write(`  Keys, health and metrics: ${service.adminUrl}\n`);
  stdout.write(`  Assertions are signed as ${printable(service.issuer)}.\n`);
  if (flags.key === undefined)
    stderr.write('The key that signs was made now, and other processes do not have it.\n');
  const stop = followPolicy(session, service, file);
  await ended;
  stop();
  await service.close();
  stderr.write('Ended.\n');
  return EXIT.done;
}

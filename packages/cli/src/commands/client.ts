import type { Command } from 'commander';
import { loadApp } from '../app/load-app.js';
import { oneCatalogue } from '../app/one-catalogue.js';
import { BadInputError } from '../bad-input.js';
import { callerProgram } from '../client/caller-program.js';
import { type ClientPlan, clientScript } from '../client/client-script.js';
import { federatedSubject } from '../client/federated-subject.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printable } from '../output/printable.js';
import type { Perform, Session } from '../session.js';
import { APP_ARGUMENT, CATALOGUE_OPTION } from './inventory.js';

interface Options {
  readonly permissions: readonly string[];
  readonly federated?: string;
  readonly secret?: true;
  readonly api?: string;
  readonly tenant?: string;
  readonly app?: string;
  readonly program?: true;
  readonly catalogue?: readonly string[];
}

/** `entra-guard client add <name>`: what a new caller of the API needs in Entra. */
export function addClient(program: Command, perform: Perform): void {
  const client = program
    .command('client')
    .description('Give an API a new caller.')
    .summary('give an API a new caller');
  client
    .command('add')
    .description('Print the steps that make a client of an API: registration, proof, permissions, consent.')
    .argument('<name>', 'what the client is called in Entra')
    .requiredOption('--permissions <names...>', 'application permissions of the API: Orders.Read.All')
    .option('--federated <subject>', 'whose tokens prove who it is, in place of a secret')
    .option('--secret', 'a client secret, where nothing else is possible')
    .option(
      '--api <id>',
      "the API's application (client) ID, or application ID URI (default: ENTRA_GUARD_CLIENT_ID)",
    )
    .option('--tenant <id>', 'directory (tenant) ID, for managed identities (default: ENTRA_GUARD_TENANT_ID)')
    .option('--app <app>', `checks the permissions against the catalogue of ${APP_ARGUMENT}`)
    .option('--program', 'print the lines of the caller, in place of the steps')
    .option('-c, --catalogue <module...>', CATALOGUE_OPTION)
    .addHelpText('after', HELP)
    .action((name: string, options: Options) => perform((session) => add(session, name, options)));
}

const HELP = `
--federated is one of:
  github:org/repo:environment:prod, github:org/repo:branch:main, github:org/repo:tag:v1
  kubernetes:https://<issuer>:namespace/serviceaccount
  managed-identity:<object ID>

The steps are a script for bash and az, to be read before it runs. It stops where an application has the name already, and prints the
command that undoes it as soon as there is something to undo.

Exit codes:
  0  printed
  2  a permission is not in the catalogue, or an option is wrong

Examples:
  $ entra-guard client add nightly-job --permissions Orders.Read.All --federated github:org/repo:environment:prod > add.sh
  $ entra-guard client add nightly-job --permissions Orders.Read.All --federated github:org/repo:environment:prod --program
  $ entra-guard client add nightly-job --permissions Orders.Read.All --app dist/app.js --secret`;

/** 90 days. */
const SECRET_MS = 90 * 86_400_000;

async function add(session: Session, name: string, options: Options): Promise<ExitCode> {
  const { federated, secret, program } = options;
  assertName(name);
  if ((federated === undefined) === (secret === undefined)) {
    throw new BadInputError(
      federated === undefined
        ? 'It is not said how the client proves who it is.'
        : '--federated and --secret are given.',
      'Name one: --federated github:org/repo:environment:prod, or --secret.',
    );
  }
  const subject =
    federated === undefined
      ? undefined
      : federatedSubject(federated, options.tenant ?? session.env.ENTRA_GUARD_TENANT_ID);
  const plan: ClientPlan = {
    name,
    federated: subject,
    secretEndsAt: session.now() + SECRET_MS,
    ...(await apiOf(session, options)),
  };
  if (secret) {
    session.stderr.write('A secret is text that can be copied, and that ends. --federated needs none.\n');
  }
  session.stdout.write(program ? callerProgram(subject?.kind ?? 'secret', plan.api) : clientScript(plan));
  return EXIT.done;
}

/** The API and its permissions: from the code where it is named, else as they are given. */
async function apiOf(session: Session, options: Options): Promise<Pick<ClientPlan, 'api' | 'permissions'>> {
  const { permissions, api = session.env.ENTRA_GUARD_CLIENT_ID, app, catalogue } = options;
  const wrong = permissions.find(
    (value) => !/^[A-Za-z0-9!#$%&*+./:=?@^_|~-]{1,120}$/.test(value) || value.startsWith('.'),
  );
  if (wrong !== undefined) {
    throw new BadInputError(
      `${printable(wrong)} is not the name of a permission.`,
      'Write it as in the code: Orders.Read.All.',
    );
  }
  if (app === undefined) {
    if (catalogue !== undefined) {
      throw new BadInputError(
        '--catalogue is given without --app.',
        'Name the application that the catalogue belongs to: --app dist/app.js.',
      );
    }
    if (api === undefined || api === '') {
      throw new BadInputError(
        'Which API is called, is not known.',
        'Add --api <application (client) ID>, or --app dist/app.js, or set ENTRA_GUARD_CLIENT_ID.',
      );
    }
    assertApi(api);
    return { api, permissions: permissions.map((value) => ({ value, id: undefined })) };
  }
  const loaded = await loadApp(session, app, catalogue);
  // A client ID chooses no catalogue: catalogues are known by the application ID URI.
  const isCatalogue = loaded.inventory.catalogues.some((one) => one.api === api);
  const { manifest, catalogue: found } = oneCatalogue(loaded, isCatalogue ? api : undefined);
  const called = api === undefined || api === '' ? found.api : api;
  assertApi(called);
  const roles = manifest.appRoles.filter(({ allowedMemberTypes }) =>
    allowedMemberTypes.includes('Application'),
  );
  return {
    api: called,
    permissions: permissions.map((value) => {
      const role = roles.find((one) => one.value === value);
      if (role !== undefined) return { value, id: role.id };
      throw new BadInputError(
        `The catalogue has no application permission ${printable(value)}.`,
        `There is ${roles.map((one) => one.value).join(', ') || 'none'}.`,
      );
    }),
  };
}

/** What stands in the script and in the caller's program. */
function assertApi(api: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9:/._-]*$/.test(api)) return;
  throw new BadInputError(
    `--api is ${printable(api)}.`,
    'Use the application (client) ID of the API, or its application ID URI.',
  );
}

function assertName(name: string): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,119}$/u.test(name)) return;
  throw new BadInputError(
    `The name is ${JSON.stringify(name.slice(0, 100))}.`,
    'Use up to 120 letters, digits, spaces, and . _ -: nightly-job.',
  );
}

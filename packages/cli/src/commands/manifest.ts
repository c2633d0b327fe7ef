import {
  type ApplicationManifest,
  type ManifestStep,
  manifestSteps,
  mcpManifestOf,
} from '@entra-guard/catalogue';
import type { Command } from 'commander';
import { loadApp } from '../app/load-app.js';
import { oneCatalogue } from '../app/one-catalogue.js';
import { readApplication } from '../app/read-application.js';
import { BadInputError } from '../bad-input.js';
import { collect } from '../configuration/collect.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { bareManifest } from '../mcp/bare-manifest.js';
import { registrationNotes } from '../mcp/registration-notes.js';
import { assertResourceUrl } from '../mcp/resource-url.js';
import { printableJson, writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Perform, Session } from '../session.js';
import { APP_ARGUMENT, CATALOGUE_OPTION } from './inventory.js';

interface Options {
  readonly api?: string;
  readonly clientId?: string;
  readonly current?: string;
  readonly mcp?: string;
  readonly scope?: readonly string[];
  readonly steps?: true;
  readonly json?: true;
  readonly catalogue?: readonly string[];
}

/** `entra-guard manifest [app]`: the app registration that the code needs, and how to get there. */
export function addManifest(program: Command, perform: Perform): void {
  program
    .command('manifest')
    .description(
      'Print the app registration that the code needs, as Microsoft Graph has it, or the steps to get there.',
    )
    .summary('the app registration that the code needs')
    .argument('[app]', `${APP_ARGUMENT}; may be left out with --mcp and --scope`)
    .option('--mcp <url>', 'of the MCP server at this URL, which is then the application ID URI')
    .option('--scope <name>', 'with --mcp and without an application: a scope; may be repeated', collect)
    .option('--steps', 'print the requests in the order that Entra demands, as a script for az')
    .option('--current <application.json>', 'the registration as it is, for the steps; - is standard input')
    .option('--client-id <guid>', "the API's application (client) ID, for the steps")
    .option('--api <uri>', 'which API, where the application has catalogues of several')
    .option('--json', 'with --steps: print them as one JSON document')
    .option('-c, --catalogue <module...>', CATALOGUE_OPTION)
    .addHelpText('after', HELP)
    .action((app: string | undefined, options: Options) =>
      perform((session) => manifest(session, app, options)),
    );
}

const HELP = `
IDs of permissions are derived from the API and the value, so they are the same in every run; an id in definePermissions
wins, and in the steps what --current has. Deleting is a step of its own, the last one, and in the script a comment: a
permission is disabled first, and callers who hold it keep it until it is deleted.

With --mcp the URL is the only application ID URI, tokens say which agent acts, and VS Code is pre-authorized. What a registration
does not hold goes to standard error: the domain, consent, and the redirect URIs of clients. A URL that Entra and
clients would write differently is refused.

Exit codes:
  0  printed
  2  the application can't be loaded, has no catalogue, something in it is still TODO, or a file or the URL is not what it should be

Examples:
  $ entra-guard manifest dist/app.js
  $ az ad app show --id <client ID> | entra-guard manifest dist/app.js --steps --current - > apply.sh
  $ entra-guard manifest dist/app.js --steps --json | jq '.[].title'
  $ entra-guard manifest dist/app.js --mcp https://mcp.contoso.example/mcp
  $ entra-guard manifest --mcp https://mcp.contoso.example/mcp --scope Orders.Read --steps --client-id <client ID>`;

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function manifest(session: Session, app: string | undefined, options: Options): Promise<ExitCode> {
  const { clientId, current, steps, json, mcp } = options;
  if (!steps && (current !== undefined || clientId !== undefined)) {
    throw new BadInputError(
      `${current === undefined ? '--client-id' : '--current'} is for the steps.`,
      'Add --steps.',
    );
  }
  if (clientId !== undefined && !GUID.test(clientId)) {
    throw new BadInputError(
      `--client-id is ${printable(clientId)}, which is not a GUID.`,
      'Use the application (client) ID of the API, as its overview page shows it.',
    );
  }
  if (mcp !== undefined) assertResourceUrl(mcp);
  const application = current === undefined ? undefined : await readApplication(session, current);
  const found = await manifestWanted(session, app, options);
  const wanted = mcp === undefined ? found : mcpManifestOf(found, mcp);
  if (mcp !== undefined) {
    const notes = registrationNotes(wanted, mcp, app === undefined ? undefined : found.identifierUris[0]);
    for (const text of notes) note(session, text);
  }
  if (!steps) {
    writeJson(session.stdout, wanted);
    return EXIT.done;
  }
  const list = manifestSteps(wanted, {
    ...(application === undefined ? {} : { application }),
    ...knownClientId(clientId, application === undefined ? found : undefined),
  });
  if (list.some(({ url }) => url.includes('{'))) {
    throw new BadInputError(
      `The steps are for an application whose ID is not known: ${wanted.identifierUris.join(', ')} does not hold it.`,
      "Add --client-id with the API's application (client) ID, or --current with its registration.",
    );
  }
  if (json) writeJson(session.stdout, list);
  else session.stdout.write(scriptOf(list));
  return EXIT.done;
}

async function manifestWanted(
  session: Session,
  app: string | undefined,
  { api, catalogue, mcp, scope }: Options,
): Promise<ApplicationManifest> {
  if (scope !== undefined && (mcp === undefined || app !== undefined)) {
    throw new BadInputError(
      '--scope is for an MCP server without an application.',
      'Leave it out: the scopes are those of the catalogue.',
    );
  }
  if (app !== undefined) {
    const loaded = await loadApp(session, app, catalogue);
    const chosen = oneCatalogue(loaded, api);
    noteGroups(session, loaded.inventory.handlers);
    return chosen.manifest;
  }
  if (mcp === undefined) {
    throw new BadInputError(
      "missing required argument 'app'",
      'Name the built module that exports the application.',
    );
  }
  if (scope === undefined) {
    throw new BadInputError(
      'The registration of an MCP server has at least one scope: a sign-in without one is refused (AADSTS900144).',
      'Name the application whose catalogue has them, or say --scope Orders.Read.',
    );
  }
  return bareManifest(mcp, scope);
}

/** The client ID that is said, or that the catalogue's application ID URI holds, which the URL of an MCP server takes the place of. */
function knownClientId(
  clientId: string | undefined,
  found: ApplicationManifest | undefined,
): { readonly clientId?: string } {
  const [, bare = ''] = /^api:\/\/([^/]+)$/.exec(found?.identifierUris[0] ?? '') ?? [];
  const known = clientId ?? (GUID.test(bare) ? bare : undefined);
  return known === undefined ? {} : { clientId: known };
}

function note({ stderr, errorStyle }: Session, text: string): void {
  stderr.write(`${errorStyle.faint('note:')} ${printable(text)}\n`);
}

/** A registration does not hold groups, but it holds what the API needs to ask Microsoft Graph for them. */
function noteGroups(session: Session, handlers: readonly { readonly requirement?: string }[]): void {
  if (!handlers.some(({ requirement = '' }) => /\bin(?:Any)?Groups?\(/.test(requirement))) return;
  note(
    session,
    'Handlers require groups. For users with too many for a token, groupsFromGraph of @entra-guard/graph asks Microsoft Graph as the API: it needs the application permissions User.ReadBasic.All and GroupMember.Read.All, with admin consent.',
  );
}

function scriptOf(steps: readonly ManifestStep[]): string {
  const parts = steps.map((step, index) => {
    const file = `step-${index + 1}.json`;
    return `# ${index + 1}. ${printable(step.title)}
cat > ${file} <<'JSON'
${printableJson(step.body)}
JSON
${step.deletes ? '# ' : ''}az rest --method ${step.method} --url "${step.url}" --headers "Content-Type=application/json" --body @${file}
`;
  });
  return `#!/bin/sh\nset -eu\n\n${parts.join('\n')}`;
}

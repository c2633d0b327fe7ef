import { type ManifestStep, manifestSteps } from '@entra-guard/catalogue';
import type { Command } from 'commander';
import { loadApp } from '../app/load-app.js';
import { oneCatalogue } from '../app/one-catalogue.js';
import { readApplication } from '../app/read-application.js';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printableJson, writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Perform, Session } from '../session.js';
import { APP_ARGUMENT, CATALOGUE_OPTION } from './inventory.js';

interface Options {
  readonly api?: string;
  readonly clientId?: string;
  readonly current?: string;
  readonly steps?: true;
  readonly json?: true;
  readonly catalogue?: readonly string[];
}

/** `entra-guard manifest <app>`: the app registration that the code needs, and how to get there. */
export function addManifest(program: Command, perform: Perform): void {
  program
    .command('manifest')
    .description(
      'Print the app registration that the code needs, as Microsoft Graph has it, or the steps to get there.',
    )
    .summary('the app registration that the code needs')
    .argument('<app>', APP_ARGUMENT)
    .option('--steps', 'print the requests in the order that Entra demands, as a script for az')
    .option('--current <application.json>', 'the registration as it is, for the steps; - is standard input')
    .option('--client-id <guid>', "the API's application (client) ID, for the steps")
    .option('--api <uri>', 'which API, where the application has catalogues of several')
    .option('--json', 'with --steps: print them as one JSON document')
    .option('-c, --catalogue <module...>', CATALOGUE_OPTION)
    .addHelpText('after', HELP)
    .action((app: string, options: Options) => perform((session) => manifest(session, app, options)));
}

const HELP = `
IDs of permissions are derived from the API and the value, so they are the same in every run; an id in definePermissions
wins, and in the steps what --current has. Deleting is a step of its own, the last one, and in the script a comment: a
permission is disabled first, and callers who hold it keep it until it is deleted.

Exit codes:
  0  printed
  2  the application can't be loaded, has no catalogue, something in it is still TODO, or a file is not what it should be

Examples:
  $ entra-guard manifest dist/app.js
  $ az ad app show --id <client ID> | entra-guard manifest dist/app.js --steps --current - > apply.sh
  $ entra-guard manifest dist/app.js --steps --json | jq '.[].title'`;

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function manifest(session: Session, app: string, options: Options): Promise<ExitCode> {
  const { api, clientId, current, steps, json, catalogue } = options;
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
  const application = current === undefined ? undefined : await readApplication(session, current);
  const loaded = await loadApp(session, app, catalogue);
  const { manifest: wanted } = oneCatalogue(loaded, api);
  noteGroups(session, loaded.inventory.handlers);
  if (!steps) {
    writeJson(session.stdout, wanted);
    return EXIT.done;
  }
  const list = manifestSteps(wanted, {
    ...(application === undefined ? {} : { application }),
    ...(clientId === undefined ? {} : { clientId }),
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

/** A registration does not hold groups, but it holds what the API needs to ask Microsoft Graph for them. */
function noteGroups(
  { stderr, errorStyle }: Session,
  handlers: readonly { readonly requirement?: string }[],
): void {
  if (!handlers.some(({ requirement = '' }) => /\bin(?:Any)?Groups?\(/.test(requirement))) return;
  stderr.write(
    `${errorStyle.faint('note:')} Handlers require groups. For users with too many for a token, groupsFromGraph of @entra-guard/graph asks Microsoft Graph as the API: it needs the application permissions User.ReadBasic.All and GroupMember.Read.All, with admin consent.\n`,
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

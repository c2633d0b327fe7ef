import { compareWithRegistration, type Drift, mcpManifestOf } from '@entra-guard/catalogue';
import type { Command } from 'commander';
import { loadApp } from '../app/load-app.js';
import { oneCatalogue } from '../app/one-catalogue.js';
import { readApplication } from '../app/read-application.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { assertResourceUrl } from '../mcp/resource-url.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { Perform, Session } from '../session.js';
import { APP_ARGUMENT, CATALOGUE_OPTION } from './inventory.js';

interface Options {
  readonly api?: string;
  readonly mcp?: string;
  readonly json?: true;
  readonly catalogue?: readonly string[];
}

/** `entra-guard diff <app> <application.json>`: where code and registration differ. */
export function addDiff(program: Command, perform: Perform): void {
  program
    .command('diff')
    .description('Compare the permissions in the code with an exported app registration.')
    .summary('where code and app registration differ')
    .argument('<app>', APP_ARGUMENT)
    .argument('<application.json>', 'what az ad app show or Microsoft Graph v1.0 gave; - is standard input')
    .option('--api <uri>', 'which API, where the application has catalogues of several')
    .option('--mcp <url>', 'compare as the MCP server at this URL, as manifest --mcp prints it')
    .option('--json', 'print the differences as one JSON document')
    .option('-c, --catalogue <module...>', CATALOGUE_OPTION)
    .addHelpText('after', HELP)
    .action((app: string, application: string, options: Options) =>
      perform((session) => diff(session, app, application, options)),
    );
}

const HELP = `
What Entra fills in is not a difference, nor is what the code does not decide: redirect URIs, secrets, claims that
no requirement relies on. Permissions that are disabled in the registration and gone from the code are on
their way out.

Exit codes:
  0  code and registration agree
  1  they differ
  2  the application can't be loaded, has no catalogue, something in it is still TODO, or the file is not an app registration

Examples:
  $ entra-guard diff dist/app.js application.json
  $ az ad app show --id <client ID> | entra-guard diff dist/app.js - --json
  $ entra-guard diff dist/app.js application.json --mcp https://mcp.contoso.example/mcp`;

async function diff(
  session: Session,
  app: string,
  application: string,
  { api, mcp, json, catalogue }: Options,
): Promise<ExitCode> {
  if (mcp !== undefined) assertResourceUrl(mcp);
  const registration = await readApplication(session, application);
  const { manifest } = oneCatalogue(await loadApp(session, app, catalogue), api);
  const wanted = mcp === undefined ? manifest : mcpManifestOf(manifest, mcp);
  const drifts = compareWithRegistration(wanted, registration);
  const { stdout, style } = session;
  if (json) writeJson(stdout, { drift: drifts });
  else {
    for (const drift of drifts) stdout.write(driftLines(drift, style));
    stdout.write(
      drifts.length === 0
        ? 'Code and registration agree.\n'
        : `\n${drifts.length} difference${drifts.length === 1 ? '' : 's'}.\n`,
    );
  }
  return drifts.length === 0 ? EXIT.done : EXIT.findings;
}

function driftLines({ kind, subject, code, registration, change, fix }: Drift, style: Style): string {
  const lines = [
    `${style.bold(printable(subject))} ${style.faint(`(${kind})`)}`,
    `    ${style.good('code:')} ${printable(code)}`,
    `    ${style.bad('registration:')} ${printable(registration) || 'nothing'}`,
    `    ${style.warning(`change the ${change}:`)} ${printable(fix)}`,
  ];
  return `${lines.join('\n')}\n`;
}

import { type Command, Option } from 'commander';
import type { PathSettings } from '../app/inspected-app.js';
import { loadApp } from '../app/load-app.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { inventoryCsv } from '../report/csv.js';
import { inventoryHtml } from '../report/html.js';
import { inventoryMarkdown } from '../report/markdown.js';
import { inventoryTable } from '../report/table.js';
import type { Perform, Session } from '../session.js';

const FORMATS = ['table', 'markdown', 'csv', 'html', 'json'] as const;

interface Options {
  readonly format: (typeof FORMATS)[number];
  readonly json?: true;
  readonly catalogue?: readonly string[];
  readonly globalPrefix?: string;
  readonly uriVersions?: string | true;
  readonly defaultVersion?: string;
}

/** `entra-guard inventory <app>`: who may call what, and why. */
export function addInventory(program: Command, perform: Perform): void {
  program
    .command('inventory')
    .description(
      'List every route or handler of an application with who may call it, why, and who answers for it.',
    )
    .summary('who may call what')
    .argument('<app>', APP_ARGUMENT)
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(FORMATS).default('table'))
    .option('--json', 'the same as --format json')
    .option('-c, --catalogue <module...>', CATALOGUE_OPTION)
    .option('--global-prefix <path>', 'of a Nest module: what app.setGlobalPrefix() is told')
    .option('--uri-versions [prefix]', 'of a Nest module: versions stand in the path (default: v)')
    .option('--default-version <version>', 'of a Nest module: the version of what declares none')
    .addHelpText('after', HELP)
    .action((app: string, options: Options) => perform((session) => inventory(session, app, options)));
}

/** What every command that loads an application says about its argument. */
export const APP_ARGUMENT =
  'the built module that exports the Express application, the Nest module, or a function that makes one (dist/app.js#name names the export); or a policy, *.yaml';
export const CATALOGUE_OPTION = 'further modules that export what definePermissions gave';

const HELP = `
The application is loaded in a process of its own and never listens. Nest modules are read without making anything of
them, so that a global prefix and versions have to be said; the application that a function makes has them. Functions are
called with the options of a guard, { tenantId, clientId }.

Exit codes:
  0  every handler was decided about
  1  a handler has no requirement, is left to another guard, or requires what is not in the catalogue
  2  the application can't be loaded, or an option is wrong

Examples:
  $ entra-guard inventory dist/app.js
  $ entra-guard inventory dist/app.module.js#AppModule --format html > review.html
  $ entra-guard inventory dist/app.module.js --global-prefix api --uri-versions
  $ entra-guard inventory dist/app.js --json | jq '.handlers[] | select(.access == "open")'`;

function settingsOf({
  globalPrefix,
  uriVersions,
  defaultVersion,
}: Pick<Options, 'globalPrefix' | 'uriVersions' | 'defaultVersion'>): PathSettings {
  return {
    ...(globalPrefix === undefined ? {} : { globalPrefix }),
    ...(uriVersions === undefined ? {} : { versionPrefix: uriVersions === true ? 'v' : uriVersions }),
    ...(defaultVersion === undefined ? {} : { defaultVersion }),
  };
}

/** The warnings that need attention; the others may describe what is meant. */
const FINDINGS = ['no_requirement', 'other_guard', 'permission_unknown'];

async function inventory(
  session: Session,
  app: string,
  { format, json = false, catalogue, ...paths }: Omit<Options, 'json'> & { readonly json?: boolean },
): Promise<ExitCode> {
  const {
    framework,
    name,
    inventory: taken,
    notes,
  } = await loadApp(session, app, catalogue, undefined, settingsOf(paths));
  const { stdout, stderr, style, errorStyle } = session;
  for (const note of notes) stderr.write(`${errorStyle.faint('note:')} ${printable(note)}\n`);
  if (json || format === 'json') writeJson(stdout, { framework, ...taken });
  else if (format === 'markdown') stdout.write(inventoryMarkdown(taken));
  else if (format === 'csv') stdout.write(inventoryCsv(taken));
  else if (format === 'html') stdout.write(inventoryHtml(taken, { name, at: session.now() }));
  else stdout.write(inventoryTable(taken, style));
  return taken.warnings.some(({ code }) => FINDINGS.includes(code)) ? EXIT.findings : EXIT.done;
}

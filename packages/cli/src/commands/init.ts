import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type Identifiers, identifiersOf } from '../init/plan/identifiers.js';
import type { InitPlan } from '../init/plan/init-plan.js';
import { recipeFor } from '../init/templates/recipe.js';
import { type InstallLine, installLines } from '../init/write/install-lines.js';
import { registrationSteps } from '../init/write/registration-steps.js';
import type { Perform, Session } from '../session.js';

interface Options {
  readonly new?: string;
  readonly express?: true;
  readonly nestjs?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly install: boolean;
  readonly tenantId?: string;
  readonly clientId?: string;
}

/** `entra-guard init [folder]`: guards a service that is there, or begins a new one. */
export function addInit(program: Command, perform: Perform): void {
  program
    .command('init')
    .description('Guard an Express or NestJS service that exists, or begin a new one.')
    .summary('guard a service, or begin a new one')
    .argument('[folder]', 'the folder of the service; with --new, the one that the new folder goes into', '.')
    .option('--new <name>', 'begin a service in a new folder of this name')
    .option('--express', 'with --new: on Express 5')
    .option('--nestjs', 'with --new: on NestJS 11')
    .option('-y, --yes', 'write without asking, and install the packages')
    .option('--dry-run', 'show the changes, and write nothing')
    .option('--no-install', 'print how to install the packages, and do not')
    .option('--tenant-id <id>', 'directory (tenant) ID, for what is printed')
    .option('--client-id <id>', 'application (client) ID of the API, for the catalogue and what is printed')
    .addHelpText('after', HELP)
    .action((folder: string, options: Options) => perform((session) => init(session, folder, options)));
}

const HELP = `
Shows the changes as a patch, and asks. It writes a guard, a catalogue of permissions, a test with tokens of a local Entra, and
scripts; and puts the guard into the application, where it understands its code. All of it is written, or nothing. No file is
overwritten. A service that is guarded is left as it is, so a second run changes nothing.

From passport-azure-ad it moves the service as "npx @entra-guard/codemod passport-azure-ad" does. For Fastify, Hono, Azure
Functions and Next.js it prints what to write.

Exit codes:
  0  done, or nothing was to do
  1  something is left to do by hand, or the packages could not be installed
  2  it could not run, or was not allowed to write: no terminal to ask on and no --yes, or a file in the way

Examples:
  $ npx @entra-guard/cli init
  $ entra-guard init services/orders --dry-run
  $ entra-guard init --yes --client-id 00001111-aaaa-2222-bbbb-3333cccc4444
  $ entra-guard init --new my-api --express`;

async function init(session: Session, path: string, options: Options): Promise<ExitCode> {
  const identifiers = identifiersOf(options);
  const folder = resolve(session.cwd, path);
  const plan = await planOf(session, folder, options, identifiers);
  if (plan === undefined) return EXIT.findings;
  // These load the parser and what makes patches, which take longer than the help takes to print.
  const { preview } = await import('../init/preview.js');
  preview(session, plan);
  const left = plan.byHand.length === 0 ? EXIT.done : EXIT.findings;
  if (plan.changes.length === 0) {
    session.stderr.write('Nothing to change.\n');
    return left;
  }
  if (options.dryRun) {
    session.stderr.write('Nothing was written: --dry-run.\n');
    return left;
  }
  if (!(await isAllowed(session, plan, options.yes === true))) {
    session.stderr.write('Nothing was written.\n');
    return EXIT.badInput;
  }
  const { applyChanges } = await import('../init/write/apply-changes.js');
  applyChanges(plan.folder, plan.changes);
  session.stderr.write(`Wrote ${plan.changes.map(({ path: one }) => one).join(', ')}.\n`);
  const installed = await install(session, plan, options);
  showNextSteps(session, plan, identifiers);
  return installed ? left : EXIT.findings;
}

/** The plan; `undefined` where the framework has a recipe, which is then shown. */
async function planOf(
  session: Session,
  folder: string,
  options: Options,
  identifiers: Identifiers,
): Promise<InitPlan | undefined> {
  if (options.new !== undefined) {
    const { planNew } = await import('../init/plan/plan-new.js');
    return planNew(folder, options.new, frameworkOf(options), identifiers);
  }
  if (options.express || options.nestjs) {
    throw new BadInputError(
      '--express and --nestjs are for new services.',
      'Leave them out: the framework of a service that exists is recognised. Or begin one with --new my-api.',
    );
  }
  const { recogniseProject } = await import('../init/recognise/project.js');
  const project = await recogniseProject(folder);
  const recipe = recipeFor(project.framework.name);
  if (recipe !== undefined) {
    const { showRecipe } = await import('../init/show-recipe.js');
    showRecipe(session, recipe);
    return undefined;
  }
  const { planService } = await import('../init/plan/plan-service.js');
  return planService(project, identifiers, session.inspector);
}

function frameworkOf({ express, nestjs }: Options): 'express' | 'nestjs' {
  if (express === nestjs) {
    throw new BadInputError('--new needs one framework.', 'Add --express or --nestjs.');
  }
  return express ? 'express' : 'nestjs';
}

async function isAllowed(session: Session, { changes }: InitPlan, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (session.ask === undefined) {
    throw new BadInputError(
      'There is no terminal to ask on. Nothing was written.',
      'Add --yes to write these changes, or --dry-run to only look.',
    );
  }
  const files = `${changes.length} file${changes.length === 1 ? '' : 's'}`;
  return /^y(es)?$/i.test((await session.ask(`Write these changes to ${files}? [y/N] `)).trim());
}

/** @returns whether nothing failed */
async function install(session: Session, plan: InitPlan, options: Options): Promise<boolean> {
  const lines = installLines(plan);
  const { execute, stderr } = session;
  const shown = (line: InstallLine): string =>
    line.map((word) => (/[\^~*]/.test(word) ? `'${word}'` : word)).join(' ');
  if (!options.yes || !options.install || execute === undefined) {
    if (lines.length > 0) stderr.write(`\nInstall the packages:\n  ${lines.map(shown).join('\n  ')}\n`);
    return true;
  }
  for (const line of lines) {
    stderr.write(`\n$ ${shown(line)}\n`);
    const [command, ...args] = line;
    const status = await execute(command, args, plan.folder);
    if (status === 0) continue;
    stderr.write(
      `${session.errorStyle.bad('error:')} ${command} ended with status ${status}. The files are written; run that line yourself.\n`,
    );
    return false;
  }
  return true;
}

function showNextSteps({ stderr }: Session, plan: InitPlan, identifiers: Identifiers): void {
  if (plan.test !== undefined) {
    stderr.write(`\nThen run the test, which needs no tenant:\n  ${plan.test}\n`);
  }
  if (plan.readsEnvironment) stderr.write(`\n${registrationSteps(identifiers).join('\n')}\n`);
}

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readRegistration } from '@entra-guard/catalogue';
import type { Command } from 'commander';
import { loadApp } from '../../app/load-app.js';
import { readApplication } from '../../app/read-application.js';
import { BadInputError } from '../../bad-input.js';
import { draftOfApp, draftOfRegistration } from '../../draft/catalogue-draft.js';
import { sourceOf } from '../../draft/catalogue-source.js';
import { EXIT, type ExitCode } from '../../exit-code.js';
import { printable } from '../../output/printable.js';
import type { Perform, Session } from '../../session.js';

interface Options {
  readonly output?: string;
}

/** `entra-guard permissions init <source>`: the beginning of a catalogue. */
export function addPermissionsInit(permissions: Command, perform: Perform): void {
  permissions
    .command('init')
    .description(
      'Write the beginning of a catalogue, from an app registration or from what the code requires.',
    )
    .summary('begin a catalogue of permissions')
    .argument(
      '<source>',
      'an exported registration (*.json, or - for standard input), or the built module that exports the application',
    )
    .option('-o, --output <file>', 'write it there, where no file may be yet; default: standard output')
    .addHelpText('after', HELP)
    .action((source: string, options: Options) => perform((session) => init(session, source, options)));
}

const HELP = `
From a registration it has everything but the reasons, IDs included, so that "entra-guard diff" finds no difference. From
code it has the permissions that handlers require. What only you know is marked TODO: "entra-guard manifest" and
"entra-guard diff" refuse it where the registration would hold it.

Exit codes:
  0  written
  2  the source is not what it should be, holds no permissions, or the output is there already

Examples:
  $ az ad app show --id <client ID> | entra-guard permissions init - --output src/permissions.ts
  $ entra-guard permissions init dist/app.js`;

async function init(session: Session, source: string, { output }: Options): Promise<ExitCode> {
  const draft =
    source === '-' || /\.json$/i.test(source)
      ? draftOfRegistration(readRegistration(await readApplication(session, source)))
      : draftOfApp(await loadApp(session, source));
  if (draft.scopes.length + draft.appRoles.length === 0) {
    throw new BadInputError(
      `${source === '-' ? 'Standard input' : source} holds no permissions.`,
      'Begin by hand: definePermissions({ api, owner, scopes: { … } }).',
    );
  }
  const text = sourceOf(draft);
  if (output === undefined) {
    session.stdout.write(text);
    return EXIT.done;
  }
  const path = resolve(session.cwd, output);
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(
      code === 'EEXIST' ? `${path} is there already.` : `${path} could not be written (${code}).`,
      'Name another file, or leave --output out and look at it first.',
    );
  }
  session.stderr.write(`Wrote ${printable(path)}. Look for TODO.\n`);
  return EXIT.done;
}

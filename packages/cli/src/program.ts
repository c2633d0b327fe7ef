import { Command } from 'commander';
import { addAuthz } from './commands/authz.js';
import { addClient } from './commands/client.js';
import { addDiff } from './commands/diff.js';
import { addDoctor } from './commands/doctor.js';
import { addExplain } from './commands/explain.js';
import { addInit } from './commands/init.js';
import { addInventory } from './commands/inventory.js';
import { addKeys } from './commands/keys.js';
import { addLocal } from './commands/local.js';
import { addManifest } from './commands/manifest.js';
import { addPermissions } from './commands/permissions.js';
import { addPolicy } from './commands/policy.js';
import { addPostgres } from './commands/postgres.js';
import { addProxy } from './commands/proxy.js';
import { addRegistration } from './commands/registration.js';
import { addRevocations } from './commands/revocations.js';
import { addRevoke } from './commands/revoke.js';
import { addToken } from './commands/token.js';
import { printable } from './output/printable.js';
import { redacted } from './output/redact.js';
import { hasColours } from './output/style.js';
import type { Perform, Session } from './session.js';

/** Every command, in the order of `--help`. A command is one file, which adds itself to the program. */
const COMMANDS = [
  addInit,
  addExplain,
  addDoctor,
  addInventory,
  addManifest,
  addDiff,
  addRegistration,
  addClient,
  addPermissions,
  addLocal,
  addToken,
  addRevoke,
  addRevocations,
  addKeys,
  addPolicy,
  addAuthz,
  addProxy,
  addPostgres,
];

/** The command line of `entra-guard`. */
export function buildProgram({ stdout, stderr, env, version }: Session, perform: Perform): Command {
  const program = new Command('entra-guard')
    .description('Tools around entra-guard, which guards Node APIs with Microsoft Entra ID access tokens.')
    .version(version)
    .helpCommand(false)
    .showHelpAfterError('Try it with --help.')
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well, 1 something was found that needs your attention, 2 the command could not run.' +
        '\nTo move from passport-azure-ad: npx @entra-guard/codemod passport-azure-ad',
    )
    // Commands inherit these, so they come before them.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // What is wrong is quoted, and it may be a token.
      writeErr: (text) => stderr.write(redacted(text).split('\n').map(printable).join('\n')),
      getOutHasColors: () => hasColours(stdout, env),
      getErrHasColors: () => hasColours(stderr, env),
    });
  for (const add of COMMANDS) add(program, perform);
  return program;
}

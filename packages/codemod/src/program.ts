import { Command } from 'commander';
import { addPassportAzureAd } from './commands/passport-azure-ad.js';
import { printable } from './output/printable.js';
import { redacted } from './output/redact.js';
import { hasColours } from './output/style.js';
import type { Perform, Session } from './session.js';

/** The command line of `entra-guard-codemod`: one command for each library that an application can leave. */
export function buildProgram({ stdout, stderr, env, version }: Session, perform: Perform): Command {
  const program = new Command('entra-guard-codemod')
    .description('Moves an application from another library to entra-guard.')
    .version(version)
    .helpCommand(false)
    .showHelpAfterError('Try it with --help.')
    // Commands inherit these, so they come before them.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(redacted(text).split('\n').map(printable).join('\n')),
      getOutHasColors: () => hasColours(stdout, env),
      getErrHasColors: () => hasColours(stderr, env),
    });
  addPassportAzureAd(program, perform);
  return program;
}

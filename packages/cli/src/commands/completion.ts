import { Argument, type Command } from 'commander';
import { SHELLS, type Shell, scriptFor } from '../completion/scripts.js';
import { EXIT } from '../exit-code.js';
import type { Perform } from '../session.js';

/** `entra-guard completion bash|zsh`: what makes the shell complete commands and options. */
export function addCompletion(program: Command, perform: Perform): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options in your shell.')
    .summary('make your shell complete commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(entra-guard completion bash)                                    # for this shell; in ~/.bashrc for all
  $ entra-guard completion zsh > "\${fpath[1]}/_entra-guard"                  # once`,
    )
    .action((shell: Shell) =>
      perform(async ({ stdout }) => {
        stdout.write(scriptFor(shell, program));
        return EXIT.done;
      }),
    );
}

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { projectFile } from '../project/project-package.js';
import type { Perform, Session } from '../session.js';

/** Prints the functions where nothing is installed. */
const RUN_POSTGRES = 'npx -p @entra-guard/cli -p @entra-guard/postgres entra-guard postgres sql';

/** `entra-guard postgres sql`: the functions that policies of PostgreSQL ask about the caller. */
export function addPostgres(program: Command, perform: Perform): void {
  const postgres = program
    .command('postgres')
    .description('Let PostgreSQL know who calls.')
    .summary('print the functions that policies of PostgreSQL ask')
    .addHelpText('after', HELP);
  postgres
    .command('sql')
    .description(
      'Print the SQL that creates entra.claims(), entra.subject() and the other functions, or replaces them.',
    )
    .addHelpText('after', HELP)
    .action(() => perform(printSql));
}

const HELP = `
For row level security with asCaller(...) of @entra-guard/postgres, which has to be installed:
  ${RUN_POSTGRES}

It can be run again, and has to be after an update of that package. Nothing connects to a database.

Exit codes:
  0  the SQL was printed
  2  @entra-guard/postgres is not installed

Examples:
  $ entra-guard postgres sql | psql "$DATABASE_URL"
  $ entra-guard postgres sql > migrations/0007-entra-guard.sql`;

async function printSql(session: Session): Promise<ExitCode> {
  const file = projectFile(session, '@entra-guard/postgres', 'sql/entra-guard.sql');
  if (file === undefined) {
    throw new BadInputError(
      '@entra-guard/postgres is not installed here.',
      `Run it together with this command: ${RUN_POSTGRES}`,
    );
  }
  session.stdout.write(readFileSync(file, 'utf8'));
  return EXIT.done;
}

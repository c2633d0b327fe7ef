import { profileInto } from './engine/child.js';
import { commandLine } from './engine/command-line.js';
import { readReports, writePages } from './engine/pages.js';
import { runRows } from './engine/run.js';
import { rows } from './rows/all.js';

const command = commandLine(process.argv.slice(2), rows);
if (command.profile !== undefined) profileInto(command.profile);
if (command.pagesOnly) writePages(readReports());
else process.exitCode = await runRows(command);

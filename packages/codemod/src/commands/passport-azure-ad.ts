import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { writeJson } from '../output/json.js';
import { harmless, printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { Finding } from '../passport-azure-ad/finding.js';
import { NEW_MODULE, OLD_MODULE } from '../passport-azure-ad/modules.js';
import type { Plan } from '../passport-azure-ad/plan-move.js';
import type { Perform, Session } from '../session.js';

interface Options {
  readonly write?: true;
  readonly json?: true;
}

/** `entra-guard-codemod passport-azure-ad`. */
export function addPassportAzureAd(program: Command, perform: Perform): void {
  program
    .command(OLD_MODULE)
    .description(`Move from the BearerStrategy of ${OLD_MODULE} to that of ${NEW_MODULE}.`)
    .summary(`move to ${NEW_MODULE}`)
    .argument('[paths...]', 'files, or folders to look through', ['.'])
    .option('-w, --write', 'write the changes, instead of showing them')
    .option('--json', 'print changes and findings as one JSON document')
    .addHelpText('after', HELP)
    .action((paths: string[], options: Options) =>
      perform((session) => migratePassportAzureAd(session, paths, options)),
    );
}

const HELP = `
Shows the changes as a patch on standard output, and what is left to do by hand on standard error. Nothing is changed
without --write, and what is not understood is never changed. --write changes all files or none: none where one of them was
edited meanwhile, or is a link that leads elsewhere.

Exit codes:
  0  nothing is left to do by hand
  1  something is
  2  a path, a file or an option is wrong; nothing was written

Examples:
  $ npx @entra-guard/codemod ${OLD_MODULE} src          # look
  $ npx @entra-guard/codemod ${OLD_MODULE} src --write  # change
  $ npx @entra-guard/codemod ${OLD_MODULE} | git apply  # change, by a patch
  $ npx @entra-guard/codemod ${OLD_MODULE} --json | jq '.findings[] | select(.level == "by-hand")'`;

async function migratePassportAzureAd(
  session: Session,
  paths: readonly string[],
  { write = false, json = false }: { readonly write?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  // The parser takes longer to load than the help takes to print.
  const { planMove } = await import('../passport-azure-ad/plan-move.js');
  const { writeChanges } = await import('../passport-azure-ad/write-changes.js');
  const { patchOf, styledPatch } = await import('../output/patch.js');
  const plan = await planMove(session.cwd, paths, session.version);
  if (write) await writeChanges(session.cwd, plan.changes);
  const patches = plan.changes.map(({ file, after }) => ({
    file: file.shown,
    patch: patchOf(file.shown, file.text, after),
  }));
  const left = plan.findings.filter(({ level }) => level === 'by-hand').length;
  if (json) {
    writeJson(session.stdout, { written: write, changes: patches, findings: plan.findings });
  } else {
    if (!write) for (const one of patches) showPatch(one, session, styledPatch);
    session.stderr.write(summary(plan, left, write, session.errorStyle));
  }
  return left === 0 ? EXIT.done : EXIT.findings;
}

/** A patch is read before it is applied: nothing in it may steer a terminal, or look like what it is not. */
function showPatch(
  { file, patch }: { readonly file: string; readonly patch: string },
  { stdout, stderr, style, errorStyle }: Session,
  styled: (patch: string, style: Style) => string,
): void {
  const shown = harmless(patch);
  stdout.write(styled(shown, style));
  if (shown === patch) return;
  stderr.write(
    `${errorStyle.warning('note:')} ${printable(file)} holds characters that steer terminals. They are shown as \\u{…}, so its patch cannot be applied: use --write.\n`,
  );
}

function summary(
  { read, concerned, changes, findings }: Plan,
  left: number,
  written: boolean,
  style: Style,
): string {
  const lines = findings.flatMap((finding) => findingLines(finding, style));
  if (lines.length > 0) lines.push('');
  if (concerned === 0) lines.push(`${count(read, 'file')} read, and ${OLD_MODULE} is named in none of them.`);
  else {
    const changed = `${count(changes.length, 'file')} ${written ? 'changed' : 'to change'}`;
    lines.push(`${changed}, ${left === 0 ? 'nothing' : count(left, 'thing')} left to do by hand.`);
    if (changes.length > 0) {
      lines.push(
        written ? 'Install the dependencies, then run your tests.' : 'Nothing is written yet: add --write.',
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function findingLines({ file, line, level, message, hint }: Finding, style: Style): string[] {
  const mark = level === 'by-hand' ? style.warning('by hand:') : style.faint('note:');
  const place = style.bold(`${printable(file)}:${line}`);
  return [`${place}: ${mark} ${printable(message)}`, `    ${printable(hint)}`];
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

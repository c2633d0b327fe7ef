import { ConfigurationError } from '@entra-guard/core';
import { CommanderError } from 'commander';
import { BadInputError } from './bad-input.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { Host } from './host.js';
import { writeJson } from './output/json.js';
import { printable } from './output/printable.js';
import { redacted } from './output/redact.js';
import { safeOutput } from './output/safe-output.js';
import { hasColours, styleFor } from './output/style.js';
import { buildProgram } from './program.js';
import type { Session } from './session.js';

/**
 * Runs one command line, as the command `entra-guard` does. Never rejects and never ends the process.
 *
 * @param args what follows `entra-guard`
 * @returns the exit code
 */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const stdout = safeOutput(host.stdout, hasColours(host.stdout, host.env));
  const stderr = safeOutput(host.stderr, hasColours(host.stderr, host.env));
  const session: Session = {
    ...host,
    stdout,
    stderr,
    style: styleFor(host.stdout, host.env),
    errorStyle: styleFor(host.stderr, host.env),
  };
  let code: ExitCode = EXIT.done;
  const program = buildProgram(session, async (action) => {
    code = await action(session);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Help and version come as errors too; what is wrong with arguments has been written by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    report(error, session, args.includes('--json'));
    return EXIT.badInput;
  }
}

function report(error: unknown, { stdout, stderr, errorStyle }: Session, json: boolean): void {
  const { message, hint } = wordsOf(error);
  if (json) {
    writeJson(stdout, { error: { message, ...(hint === undefined ? {} : { hint }) } });
    return;
  }
  stderr.write(`${errorStyle.bad('error:')} ${printable(message)}\n`);
  if (hint !== undefined) stderr.write(`${printable(hint)}\n`);
}

function wordsOf(error: unknown): { readonly message: string; readonly hint?: string } {
  if (error instanceof BadInputError) return { message: redacted(error.message), hint: redacted(error.hint) };
  if (ConfigurationError.is(error)) {
    return { message: redacted(error.problem), hint: redacted(error.hint) };
  }
  return { message: redacted(error instanceof Error ? error.message : String(error)) };
}

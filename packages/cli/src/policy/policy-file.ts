import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Policy, PolicyProblem } from '@entra-guard/proxy/policy';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Session } from '../session.js';
import { policyPackage } from './policy-package.js';

/** The file that commands look for, where none is named. */
export const POLICY_FILE = 'entra-guard.yaml';

export const FILE_ARGUMENT = 'the policy';

/** Whether a path that a command is given is that of a policy. */
export function isPolicyFile(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

/**
 * Reads a policy.
 *
 * @throws BadInputError where the file is missing, and PolicyError where it is not a policy
 */
export function loadPolicy(session: Session, file: string): Policy {
  return policyPackage(session).readPolicy(textOf(resolve(session.cwd, file)), {
    file: resolve(session.cwd, file),
    env: session.env,
  });
}

/**
 * Reads policies, and acts on them. Where one can't be read, tells all that is wrong with it.
 *
 * @returns the exit code
 */
export async function withPolicies(
  session: Session,
  files: readonly string[],
  json: boolean,
  act: (...policies: readonly Policy[]) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  let policies: readonly Policy[];
  try {
    policies = files.map((file) => loadPolicy(session, file));
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === undefined) throw error;
    tell(session, problems, json);
    return EXIT.findings;
  }
  return act(...policies);
}

/** What is wrong with a policy; `undefined` for any other error. By its members, since the project has its own copy of the class. */
export function problemsOf(error: unknown): readonly PolicyProblem[] | undefined {
  if (!(error instanceof Error) || error.name !== 'PolicyError') return undefined;
  const { problems } = error as Partial<{ readonly problems: readonly PolicyProblem[] }>;
  return Array.isArray(problems) ? problems : undefined;
}

function tell({ stdout, style, cwd }: Session, problems: readonly PolicyProblem[], json: boolean): void {
  if (json) {
    writeJson(stdout, { problems });
    return;
  }
  for (const problem of problems) {
    const { file, line, column, member, found, expected } = problem;
    const place = `${nameIn(cwd, file)}:${line}:${column}`;
    stdout.write(`${style.bold(printable(place))} ${style.bad('error:')} ${printable(member)}\n`);
    stdout.write(
      `    ${style.bad('found:')} ${printable(found)}\n    ${style.good('expected:')} ${printable(expected)}\n`,
    );
  }
  stdout.write(`\n${problems.length} problem${problems.length === 1 ? '' : 's'}.\n`);
}

/** A file as people name it: by its path from the folder that the command runs in. */
export function nameIn(cwd: string, file: string): string {
  const folder = cwd.endsWith('/') ? cwd : `${cwd}/`;
  return file.startsWith(folder) ? file.slice(folder.length) : file;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(
      code === 'ENOENT' ? `There is no file ${path}.` : `${path} could not be read (${code}).`,
      `Name the policy, or call it ${POLICY_FILE}.`,
    );
  }
}

import { ConfigurationError } from '@entra-guard/core';

/** One thing that is wrong with a policy file. */
export interface PolicyProblem {
  /** The file, as it was named to {@link readPolicy}; that of the catalogue where it is about that one. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** The member that it is about, such as `apps.orders.rules[0].path`; empty for the whole file. */
  readonly member: string;
  /** What stands there. Never a secret, and never what a variable was replaced with. */
  readonly found: string;
  /** What has to stand there. */
  readonly expected: string;
}

/**
 * A policy file can't be read. It is a `ConfigurationError`, since a service that is started with it was configured wrongly: what
 * reports those, reports this one with its place. Thrown when a policy is read, never during a request.
 */
export class PolicyError extends ConfigurationError implements PolicyProblem {
  override readonly name = 'PolicyError';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly member: string;
  readonly found: string;
  readonly expected: string;
  /** Everything that is wrong, in the order of the file. The first one is told by the error itself. */
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly [PolicyProblem, ...PolicyProblem[]]) {
    const [first] = problems;
    if (problems.length === 1) super(foundIn(first), expectedIn(first));
    else super(problems.map(lineOf).join('\n'), `${problems.length} problems.`);
    this.file = first.file;
    this.line = first.line;
    this.column = first.column;
    this.member = first.member;
    this.found = first.found;
    this.expected = first.expected;
    this.problems = Object.freeze([...problems]);
  }
}

const lineOf = (problem: PolicyProblem): string => `${foundIn(problem)} ${expectedIn(problem)}`;

function foundIn({ file, line, column, member, found }: PolicyProblem): string {
  const about = member === '' ? '' : `${member}: `;
  return `${file}:${line}:${column}: ${about}found ${found}.`;
}

const expectedIn = ({ expected }: PolicyProblem): string => `Expected ${expected}.`;

/** What a command ends with, for scripts: the same meaning in every command. */
export const EXIT = Object.freeze({
  /** Everything is as it should be. */
  done: 0,
  /** The command ran, and found something that needs attention. */
  findings: 1,
  /** The command could not run: a wrong option, a missing file, text that is not what it should be. */
  badInput: 2,
} as const);

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

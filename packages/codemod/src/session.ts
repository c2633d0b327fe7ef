import type { ExitCode } from './exit-code.js';
import type { Host } from './host.js';
import type { Style } from './output/style.js';

/** What a command is given in addition to its arguments. */
export interface Session extends Host {
  /** The style of standard output. */
  readonly style: Style;
  /** The style of standard error. */
  readonly errorStyle: Style;
}

/** Runs the work of a command, and keeps its exit code. */
export type Perform = (action: (session: Session) => Promise<ExitCode>) => Promise<void>;

import type { ExitCode } from './exit-code.js';
import type { Host } from './host.js';
import type { Style } from './output/style.js';

/** What a command is given in addition to its arguments. */
export interface Session extends Host {
  /** How to set off text on standard output. */
  readonly style: Style;
  /** How to set off text on standard error. */
  readonly errorStyle: Style;
}

/** Runs what a command does, and keeps what it ends with. */
export type Perform = (action: (session: Session) => Promise<ExitCode>) => Promise<void>;

import type { FaultName } from './faults.js';

/** One fault of a server. */
export interface Fault {
  readonly name: FaultName;
  readonly found: string;
  /** In place of those of the table, where the value decides. */
  readonly code?: string;
  readonly hint?: string;
}

export const fault = (
  name: FaultName,
  found: string,
  instead: Omit<Fault, 'name' | 'found'> = {},
): Fault => ({
  name,
  found,
  ...instead,
});

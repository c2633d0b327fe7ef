import type { PackageManager } from '../recognise/package-manager.js';

/** One file that is made or edited. */
export interface FileChange {
  /** Relative to the folder of the plan, with slashes. */
  readonly path: string;
  /** `undefined` for a file that must not be there yet. */
  readonly before: string | undefined;
  readonly after: string;
}

/** Packages that are missing, as a package manager is told: `name`, or `name@range`. */
export interface Installation {
  readonly packages: readonly string[];
  readonly development: readonly string[];
}

/** Everything that the command would do to a service. A value: it is shown first, and applied as a whole. */
export interface InitPlan {
  /** Absolute; nothing outside of it is written. */
  readonly folder: string;
  /** One sentence on what was found. */
  readonly found: string;
  readonly changes: readonly FileChange[];
  readonly packageManager: PackageManager;
  readonly install: Installation;
  /** What is not understood, or not for a tool to decide: one sentence each, with what to do. */
  readonly byHand: readonly string[];
  /** What is good to know about the changes. */
  readonly notes: readonly string[];
  /** The command that runs the test that is written; `undefined` where none is. */
  readonly test: string | undefined;
  /** Whether the service will read tenant and client ID from `ENTRA_GUARD_…`. */
  readonly readsEnvironment: boolean;
}

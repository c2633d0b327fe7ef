import { askOnTerminal } from './init/write/ask.js';
import { executeHere } from './init/write/execute.js';
import { readAll } from './read-all.js';

/** Where a command writes to. */
export interface Output {
  write(text: string): unknown;
  /** Whether a person looks at it. */
  readonly isTTY?: boolean | undefined;
}

/** All that a command knows of the world around it; files aside. */
export interface Host {
  /** Of this package, which all of entra-guard share. */
  readonly version: string;
  /** Of Node, such as `20.19.0`. */
  readonly nodeVersion: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads standard input to its end. Empty if it is a terminal, where no prompt would say what is awaited. */
  readonly readInput: () => Promise<string>;
  /** For what was asked for, which another program may read. */
  readonly stdout: Output;
  /** For remarks and errors. */
  readonly stderr: Output;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when the command is asked to end, by Ctrl-C or by a supervisor. */
  readonly interrupted: () => Promise<void>;
  /** Calls back each time that the command is asked to read its files again (SIGHUP), until the function that it gives is called. */
  readonly onReload?: (listener: () => void) => () => void;
  /** Asks a person a question, and resolves with what was typed. Absent where standard input or output is not a terminal. */
  readonly ask?: (question: string) => Promise<string>;
  /** Runs a program in a folder, on this terminal, and resolves with its exit status. Absent: programs are not run. */
  readonly execute?: (command: string, args: readonly string[], cwd: string) => Promise<number>;
  /** The built script that loads an application in a process of its own. */
  readonly inspector: string;
}

/** This process. */
export function processHost(version: string, inspector: string): Host {
  const { env, stdin, stdout, stderr } = process;
  return {
    version,
    nodeVersion: process.versions.node,
    cwd: process.cwd(),
    env,
    readInput: async () => (stdin.isTTY ? '' : readAll(stdin)),
    stdout,
    stderr,
    fetch: (...request) => globalThis.fetch(...request),
    now: () => Date.now(),
    interrupted,
    onReload,
    ...(stdin.isTTY && stdout.isTTY ? { ask: askOnTerminal } : {}),
    execute: executeHere,
    inspector,
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      // The second one ends the process at once.
      for (const signal of SIGNALS) process.off(signal, end);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, end);
  });
}

function onReload(listener: () => void): () => void {
  process.on('SIGHUP', listener);
  return () => process.off('SIGHUP', listener);
}

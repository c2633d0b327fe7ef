/** Where a command writes to. */
export interface Output {
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
}

/** Everything that a command knows of its environment, except files. */
export interface Host {
  /** The version of this package, which is the version of every package of entra-guard. */
  readonly version: string;
  /** The folder that paths are relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For the patch or the JSON document, which another program may read. */
  readonly stdout: Output;
  /** For what is left to do by hand, and for errors. */
  readonly stderr: Output;
}

/** This process. */
export function processHost(version: string): Host {
  const { env, stdout, stderr } = process;
  return { version, cwd: process.cwd(), env, stdout, stderr };
}

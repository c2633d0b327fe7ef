import { type Ended, runCommand, type World } from './run-command.js';

/** What `entra-guard local --json` prints. */
export interface Printed {
  readonly report: {
    readonly origin: string;
    readonly authority: string;
    readonly graph: string;
    readonly portal?: string;
    readonly users: readonly { readonly name: string; readonly admin: boolean }[];
    readonly apis: readonly {
      readonly name: string;
      readonly clientId: string;
      readonly scopes: readonly string[];
      readonly appRoles: readonly string[];
    }[];
    readonly clients: readonly { readonly name: string }[];
  };
  readonly settings: readonly { readonly title: string; readonly text: string }[];
  readonly notes: readonly string[];
}

/** A command `local` that runs in this process. */
export interface RunningLocal {
  readonly printed: Printed;
  readonly port: string;
  /** Ends it as Ctrl-C does. */
  end(): Promise<Ended>;
}

/** Runs `entra-guard local --json` on a free port, until it is ended. */
export async function runningLocal(args: readonly string[], world: World = {}): Promise<RunningLocal> {
  let interrupt = () => {};
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  return new Promise((resolve, reject) => {
    const ended = runCommand(['local', '--json', '--port', '0', ...args], {
      ...world,
      interrupted: async () => interrupted,
      onOutput: (text) => {
        const printed = JSON.parse(text) as Printed & { readonly error?: unknown };
        if (printed.error !== undefined) return;
        resolve({
          printed,
          port: new URL(printed.report.origin).port,
          end: async () => {
            interrupt();
            return ended;
          },
        });
      },
    });
    void ended.then(({ stdout, stderr }) => reject(new Error(`It ended: ${stdout}${stderr}`)));
  });
}

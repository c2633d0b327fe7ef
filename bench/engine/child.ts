import { type ChildProcess, fork } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a host process answers: a value, or why there is none. */
export type Answer = { readonly value: unknown } | { readonly failure: string };

/** With `--profile folder`: processes of entra-guard leave a CPU profile there. */
let profiles: string | undefined;

export function profileInto(folder: string): void {
  profiles = folder;
}

function profiling(args: readonly string[]): readonly string[] {
  if (profiles === undefined || !args.some((arg) => /^@?entra-guard\b/.test(arg))) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
}

/** What a process is started with, beside its arguments. */
export interface Surroundings {
  readonly build?: string;
  readonly certificateFile?: string;
  readonly logFile?: string;
}

const thisBuild = fileURLToPath(new URL('..', import.meta.url));

/** A process that measures, or that is measured. Idle but when it is asked something. */
export class Child<Questions extends { readonly [name: string]: (question: never) => unknown }> {
  readonly #process: ChildProcess;
  readonly #name: string;

  private constructor(process: ChildProcess, name: string) {
    this.#process = process;
    this.#name = name;
  }

  /**
   * @param host a module of `hosts/`
   * @param build the folder that `hosts/` is in. Default: this build
   * @param logFile a file that takes what it writes to stderr. Default: the stderr of this process
   */
  static start<Questions extends { readonly [name: string]: (question: never) => unknown }>(
    host: string,
    args: readonly string[],
    { build = thisBuild, certificateFile, logFile }: Surroundings = {},
  ): Child<Questions> {
    const child = fork(join(build, 'hosts', `${host}.js`), args, {
      execArgv: ['--expose-gc', ...profiling(args)],
      stdio: ['inherit', 'inherit', logFile === undefined ? 'inherit' : openSync(logFile, 'a'), 'ipc'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        ...(certificateFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificateFile }),
      },
    });
    return new Child<Questions>(child, [host, ...args.slice(0, 1)].join(' '));
  }

  /** Asks one thing and waits for the answer. */
  ask<Name extends keyof Questions & string>(
    name: Name,
    question: Parameters<Questions[Name]>[0],
  ): Promise<Awaited<ReturnType<Questions[Name]>>> {
    return new Promise((resolve, reject) => {
      const process = this.#process;
      const settle = () => {
        process.off('message', onMessage);
        process.off('exit', onExit);
      };
      const onMessage = (message: unknown) => {
        settle();
        const answer = message as Answer;
        if ('failure' in answer) reject(new Error(`${this.#name}, asked to ${name}: ${answer.failure}`));
        else resolve(answer.value as Awaited<ReturnType<Questions[Name]>>);
      };
      const onExit = (code: number | null) => {
        settle();
        reject(new Error(`${this.#name} ended with status ${code} when asked to ${name}.`));
      };
      process.on('message', onMessage).on('exit', onExit);
      process.send({ name, question });
    });
  }

  /** Lets it end by itself, so that a profile of it is written if it was started with one. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#process.connected) {
        resolve();
        return;
      }
      this.#process.once('exit', () => resolve());
      this.#process.disconnect();
    });
  }
}

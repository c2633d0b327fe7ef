import { runCommand, type World } from './run-command.js';

/** Runs a command that listens, such as `entra-guard authz`, until `act` has ended. */
export async function whileServing(
  args: readonly string[],
  act: (url: string, reload: () => void) => Promise<void>,
  world: World,
) {
  let interrupt = () => {};
  let reload = () => {};
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  let begin: (url: string) => void = () => {};
  const begun = new Promise<string>((resolve) => {
    begin = resolve;
  });
  const ended = runCommand(args, {
    interrupted: () => interrupted,
    onReload: (listener) => {
      reload = listener;
      return () => {};
    },
    onOutput: (text) => {
      const url = /at (http:[^,]+), by/.exec(text)?.[1];
      if (url !== undefined) begin(url);
    },
    ...world,
  });
  const url = await Promise.race([begun, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  try {
    await act(url, () => reload());
  } finally {
    interrupt();
  }
  return ended;
}

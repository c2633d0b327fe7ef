import { spawn } from 'node:child_process';

/** Runs a program on the terminal of this one, and resolves with its status; 1 where it could not be started or was ended. */
export async function executeHere(command: string, args: readonly string[], cwd: string): Promise<number> {
  return new Promise((resolve) => {
    // Package managers are scripts on Windows, which only a shell starts. No argument comes from a file or a person.
    const child = spawn(command, [...args], { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
    child.on('error', () => resolve(1));
    child.on('close', (status) => resolve(status ?? 1));
  });
}

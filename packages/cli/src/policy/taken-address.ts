import { BadInputError } from '../bad-input.js';

/** Starts what listens, and says of an address what flags can do about it. @throws BadInputError for an address that can't be used */
export async function started<Running>(start: () => Promise<Running>): Promise<Running> {
  try {
    return await start();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hints: Readonly<Record<string, string>> = {
      EADDRINUSE:
        'Stop what listens there, or name another address: --listen 127.0.0.1:4190, --admin 127.0.0.1:4191.',
      EACCES: 'Name an address that this user may listen on: --listen 127.0.0.1:4180.',
      EADDRNOTAVAIL: 'Name an address of this machine: --listen 127.0.0.1:4180.',
    };
    const hint = code === undefined ? undefined : hints[code];
    if (hint === undefined) throw error;
    throw new BadInputError(`The address can't be used: ${message}`, hint);
  }
}

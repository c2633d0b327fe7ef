/** The server did not reply in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Waits for a reply, but not for ever: a connection whose other end has vanished gives no error and no reply.
 *
 * @param milliseconds for how long
 * @param what a sentence without its end, such as `Redis did not reply`
 * @throws DeadlineError (as a rejection) when the time is over; what comes later is ignored
 */
export function within<T>(milliseconds: number, reply: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new DeadlineError(`${what} within ${milliseconds} ms.`)),
      milliseconds,
    );
    timer.unref();
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** How long a server may take to accept a connection, in milliseconds. Some clients go on trying for ever. */
export const OPENING = 5000;

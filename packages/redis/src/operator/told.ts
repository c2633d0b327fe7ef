/** Returns what the server says; `undefined` where its user may not ask, or it does not know the command. Throws what went wrong else. */
export async function told<R>(reply: Promise<R>): Promise<R | undefined> {
  try {
    return await reply;
  } catch (reason) {
    if (reason instanceof Error && /^(NOPERM|ERR unknown)\b/i.test(reason.message)) return undefined;
    throw reason;
  }
}

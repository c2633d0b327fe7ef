/** Microsoft Graph could not be asked, or did not answer what it documents. Says nothing about what was asked for. */
export class GraphFailure extends Error {
  override readonly name = 'GraphFailure';
  /** The status of the answer; `undefined` if there was none. */
  readonly status: number | undefined;
  /** How long Graph asks to wait, in milliseconds (`Retry-After`). */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    facts: {
      readonly status?: number;
      readonly retryAfter?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.status = facts.status;
    this.retryAfter = facts.retryAfter;
  }
}

/** How long to wait after a failure, as Graph or the way to it asks for, in milliseconds. */
export function retryAfterOf(reason: unknown): number | undefined {
  return reason instanceof GraphFailure ? reason.retryAfter : undefined;
}

const LONGEST = 200;

/** The message of anything that was thrown, in one line of bounded length. */
export function reasonOf(reason: unknown): string {
  const { cause } = Object(reason) as { readonly cause?: unknown };
  const own = reason instanceof Error ? reason.message : String(reason);
  // `fetch failed` alone says nothing about the cause.
  const text = cause instanceof Error && !own.includes(cause.message) ? `${own} (${cause.message})` : own;
  return oneLine(text, 2 * LONGEST);
}

/** Writes foreign text for one line of a log (log forging, CWE-117). */
export function oneLine(text: string, most = LONGEST): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, ' ');
}

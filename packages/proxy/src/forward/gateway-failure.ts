/** Why an application gave no answer. */
export type FailureReason = 'unreachable' | 'timeout' | 'broken';

/** What the client is answered then (RFC 9110 sections 15.6.3 and 15.6.5; RFC 9457). */
export interface GatewayAnswer {
  readonly status: 502 | 504;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Tells of a failure without what it is about: addresses of applications are not the client's to know. */
export function gatewayAnswer(reason: FailureReason): GatewayAnswer {
  const isLate = reason === 'timeout';
  const [status, title] = isLate ? ([504, 'Gateway Timeout'] as const) : ([502, 'Bad Gateway'] as const);
  const detail = isLate ? 'The application did not answer in time.' : 'The application does not answer.';
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' },
    body: JSON.stringify({ title, status, detail }),
  };
}

const LATE = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** The connection was closed: by an application that restarts, or that had kept it open for long enough. */
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** The code of an error, or of one of its causes. */
export function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return 'unknown';
}

export function reasonOf(error: unknown): FailureReason {
  const code = codeOf(error);
  if (LATE.has(code)) return 'timeout';
  return UNREACHABLE.has(code) ? 'unreachable' : 'broken';
}

/** Whether the connection was closed under a request, which a new connection may not do. */
export function isClosedUnderway(error: unknown): boolean {
  return CLOSED.has(codeOf(error));
}

import type { HttpAnswer, Problem } from './http.js';

/** A refusal where there are no HTTP headers: the problem document, and what the headers would have said. */
export interface Refusal extends Problem {
  /** One sentence, equal to `detail`: clients of NestJS and of socket.io read it here. */
  readonly message: string;
  /** What `WWW-Authenticate` would say: a claims challenge, for one. */
  readonly challenge?: string;
  /** After how many seconds another try makes sense. */
  readonly retryAfter?: number;
}

/** Puts an HTTP answer into one object. */
export function refusalOf({ body, headers }: HttpAnswer): Refusal {
  const challenge = headers['WWW-Authenticate'];
  const retryAfter = headers['Retry-After'];
  return {
    ...body,
    message: body.detail,
    ...(challenge === undefined ? {} : { challenge }),
    ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
  };
}

/** The code for closing a WebSocket: 44xx are for the application, 1013 says "try again later". */
export function closeCodeOf({ status }: HttpAnswer): number {
  if (status === 503) return 1013;
  if (status >= 500) return 1011;
  return status === 403 || status === 404 ? 4403 : 4401;
}

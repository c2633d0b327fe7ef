import type { HttpAnswer, Problem } from '@entra-guard/core';
import { HttpException } from '@nestjs/common';

/**
 * A refusal as exception filters get it: `getStatus()`, `getResponse()` with the RFC 9457 body, and `cause` with the
 * core's error, whose `message` and `hint` are meant for operators and not for callers.
 */
export class EntraGuardException extends HttpException {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];
  /**
   * The headers of the answer: `WWW-Authenticate`, `Retry-After`, `Cache-Control`, `Content-Type`. The guard has set them
   * on the response already; for exception filters that write the answer themselves.
   */
  readonly headers: Readonly<Record<string, string>>;

  constructor(answer: HttpAnswer, cause: unknown) {
    super({ ...answer.body }, answer.status, { cause });
    this.message = answer.body.detail;
    this.code = answer.body.code;
    this.headers = answer.headers;
  }
}

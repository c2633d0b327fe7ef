import type { HttpAnswer, Problem } from '@entra-guard/core';
import { refusalOf } from '@entra-guard/core/connections';
import { WsException } from '@nestjs/websockets';

/** A refusal of a message: `getError()` gives the problem document, with its stable `code`. */
export class EntraGuardWsException extends WsException {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];

  constructor(answer: HttpAnswer, cause: unknown) {
    super(refusalOf(answer));
    this.code = answer.body.code;
    this.cause = cause;
  }
}

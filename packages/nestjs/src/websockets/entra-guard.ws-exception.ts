import type { HttpAnswer, Problem } from '@entra-guard/core';
import { WsException } from '@nestjs/websockets';
import { refusalOf } from '../contexts/refusal.js';

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

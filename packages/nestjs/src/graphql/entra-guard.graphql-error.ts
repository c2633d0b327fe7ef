import type { HttpAnswer, Problem } from '@entra-guard/core';
import { GraphQLError } from 'graphql';
import { refusalOf } from '../contexts/refusal.js';

/** A refusal in GraphQL: `extensions` holds the problem document, `extensions.code` its stable word. */
export class EntraGuardGraphQLError extends GraphQLError {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];

  constructor(answer: HttpAnswer, cause: unknown) {
    const { message, ...extensions } = refusalOf(answer);
    super(message, { extensions: { ...extensions } });
    this.name = 'EntraGuardGraphQLError';
    this.code = answer.body.code;
    // The core's error: its message and hint are meant for operators. Not `originalError`, which some servers send.
    Object.defineProperty(this, 'cause', { value: cause, enumerable: false });
  }
}

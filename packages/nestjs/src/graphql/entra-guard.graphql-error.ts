import type { HttpAnswer, Problem } from '@entra-guard/core';
import { type Refusal, refusalOf } from '@entra-guard/core/connections';
import { Unlogged } from '../contexts/unlogged.js';

/** The message of further refusals of one kind in one answer: the first one gives the details. */
type Repeated = Pick<Refusal, 'code'>;

/**
 * A refusal in GraphQL, which GraphQL makes a `GraphQLError` of: `extensions` holds the problem document, `extensions.code`
 * its stable word.
 */
export class EntraGuardGraphQLError extends Unlogged {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];
  /** The `extensions` of the answer's error. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(answer: HttpAnswer, cause: unknown) {
    const { message, ...extensions } = refusalOf(answer);
    super(message, answer.status);
    this.name = 'EntraGuardGraphQLError';
    this.code = answer.body.code;
    this.extensions = { ...extensions };
    // The core's error: its message and hint are meant for operators. Not `originalError`, which some servers send.
    Object.defineProperty(this, 'cause', { value: cause, enumerable: false });
  }

  /** @internal For further fields that are refused for one reason: an answer does not grow by what it has said already. */
  repeated(): EntraGuardGraphQLError {
    const { code } = this.extensions as unknown as Repeated;
    const short = Object.create(this, {
      extensions: { value: { code }, enumerable: true },
      // Their paths say where they are. For a line and a column GraphQL would read the document again for each of them.
      nodes: { value: [] },
      // Servers may send it in development.
      stack: { value: `${this.name}: ${this.message}` },
    });
    return short as EntraGuardGraphQLError;
  }
}

import { EntraGuardError, type Guard, type HttpAnswer, PermissionError } from '@entra-guard/core';
import { type Answer, coreAnswer } from './answer.js';

/** Makes the challenges of one MCP server (RFC 6750, RFC 9728 section 5.1). */
export class Challenges {
  readonly #guard: Guard;
  readonly #resource: string;
  readonly #initialScopes: readonly string[];
  readonly #metadata: string;

  /**
   * @param initialScopes full names
   * @param metadataUrl where the metadata of the protected resource is
   */
  constructor(guard: Guard, resource: URL, initialScopes: readonly string[], metadataUrl: string) {
    this.#guard = guard;
    this.#resource = resource.href;
    this.#initialScopes = initialScopes;
    this.#metadata = `resource_metadata="${metadataUrl}"`;
  }

  /** The core's answer to an error; a 401 also says which scopes to ask for, and where the metadata is. */
  answer(error: unknown): Answer {
    const answer = this.#guard.toHttp(error);
    if (answer.status !== 401) return coreAnswer(answer);
    return coreAnswer(extended(answer, `scope="${this.#initialScopes.join(' ')}", ${this.#metadata}`));
  }

  /** 403 for a caller whom more scopes would let in: those that are held already, and those that are needed. */
  stepUp(scopes: readonly string[], held: Iterable<string>): Answer {
    return coreAnswer(this.#stepUp(scopes, held));
  }

  /** The challenge of {@link stepUp} as text, for the result of a tool. */
  stepUpText(scopes: readonly string[], held: Iterable<string>): string {
    return this.#stepUp(scopes, held).headers['WWW-Authenticate'] as string;
  }

  #stepUp(scopes: readonly string[], held: Iterable<string>): HttpAnswer {
    // Clients of the SDK's first line and VS Code ask for what is named here and nothing else: held ones must not get lost.
    const all = [...new Set([...held, ...scopes])].map((scope) => `${this.#resource}/${scope}`);
    const error = new PermissionError({
      code: 'scope_missing',
      message: 'The access token lacks a scope.',
      hint: 'The client asks for the scopes of the challenge.',
      enough: { scopes: all },
    });
    return extended(this.#guard.toHttp(error), this.#metadata);
  }

  /** The sentence for callers of an error: one of a closed list. */
  sentence(error: unknown): string {
    return this.#guard.toHttp(EntraGuardError.is(error) ? error : undefined).body.detail;
  }
}

function extended(answer: HttpAnswer, parameters: string): HttpAnswer {
  const challenge = answer.headers['WWW-Authenticate'] ?? 'Bearer';
  const separator = challenge === 'Bearer' ? ' ' : ', ';
  return {
    ...answer,
    headers: { ...answer.headers, 'WWW-Authenticate': `${challenge}${separator}${parameters}` },
  };
}

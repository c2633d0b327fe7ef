import { DownstreamError } from '@entra-guard/core/downstream';

/** The error for a credential that gave nothing that can be sent. Never shows what it gave. */
export function unusable(what: string, found: string, hint: string, cause?: unknown): DownstreamError {
  return new DownstreamError({
    code: 'downstream_misconfigured',
    message: `${what} ${found}.`,
    hint,
    cause,
  });
}

/** A message of another library or of the system may quote what it was given, so only its name and code are told. */
export function kindOfFailure(thrown: unknown): string {
  const { name, code } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    readonly name?: unknown;
    readonly code?: unknown;
  };
  const kind = [name, code].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
  return kind === '' ? typeof thrown : kind;
}

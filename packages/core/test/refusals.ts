import { expect } from 'vitest';
import { ConfigurationError, EntraGuardError } from '../src/index.js';

/** The sentence with which something is refused when it is built. */
export function configurationSentence(build: () => unknown): string {
  const error = thrownBy(build);
  if (!ConfigurationError.is(error)) throw new Error('not a ConfigurationError', { cause: error });
  expect(error).toMatchObject({ name: 'ConfigurationError', code: 'configuration_invalid', status: 500 });
  expect(error.hint).not.toBe('');
  expect(error.message).toBe(`${error.problem} ${error.hint}`);
  return error.message;
}

/** The error of a request that must be refused. */
export async function refusalOf(decision: Promise<unknown>): Promise<EntraGuardError> {
  const error = await decision.then(
    () => new Error('it was granted'),
    (reason: unknown) => reason,
  );
  if (!EntraGuardError.is(error)) throw new Error('not refused by entra-guard', { cause: error });
  return error;
}

function thrownBy(build: () => unknown): unknown {
  try {
    build();
  } catch (error) {
    return error;
  }
  return new Error('it was accepted');
}

import { ConfigurationError } from '@entra-guard/core';

/** Makes the error for an invalid option. */
export function misconfigured(problem: string, fix: string): ConfigurationError {
  return new ConfigurationError(`In BearerStrategy constructor: ${problem}`, fix);
}

/** Runs `build`, and renames the core's options in its errors to the options of this package. */
export function inOurWords<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    throw misconfigured(translated(error.problem), translated(error.hint));
  }
}

const NAMES: Readonly<Record<string, string>> = {
  clientId: 'clientID',
  tenantId: 'the tenant in identityMetadata',
  authority: 'identityMetadata',
  clockTolerance: 'clockSkew',
};

function translated(sentence: string): string {
  return sentence.replace(
    /\b(clientId|tenantId|authority|clockTolerance)\b(?![/}])/g,
    (name) => NAMES[name] ?? name,
  );
}

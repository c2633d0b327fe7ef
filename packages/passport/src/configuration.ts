import { ConfigurationError } from '@entra-guard/core';

/** An option that can't be right. */
export function misconfigured(problem: string, fix: string): ConfigurationError {
  return new ConfigurationError(`In BearerStrategy constructor: ${problem}`, fix);
}

/** Runs what builds something of the core, and speaks of this package's options where that fails. */
export function inOurWords<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    const problem = error.message.slice(0, -error.hint.length).trimEnd();
    throw misconfigured(translated(problem), translated(error.hint));
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

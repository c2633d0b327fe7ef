import { ConfigurationError } from '@entra-guard/core';

/** @throws ConfigurationError for what is neither `true` nor `false` */
export function assertBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw new ConfigurationError(`${name} was given ${typeof value}.`, 'It is true or false.');
  }
}

import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown, assertObject } from './option-readers.js';

/** Limits of one exchange. */
export interface ExchangeLimits {
  /** For connect, headers and body together, in milliseconds. */
  readonly timeout: number;
  readonly maxBytes: number;
}

/** All limits, resolved; milliseconds and bytes. */
export interface KeyLimits extends ExchangeLimits {
  readonly softAge: number;
  readonly hardAge: number;
  readonly coolDown: number;
}

const LIMITS: Readonly<Record<keyof KeyLimits, { readonly standard: number; readonly least: number }>> = {
  softAge: { standard: 3_600_000, least: 1000 },
  hardAge: { standard: 86_400_000, least: 0 },
  coolDown: { standard: 30_000, least: 1000 },
  timeout: { standard: 5000, least: 10 },
  maxBytes: { standard: 1_048_576, least: 1024 },
};

/** Reads the option `keys`, and checks its names. @throws ConfigurationError */
export function resolveKeys(given: unknown = {}): Readonly<Record<string, unknown>> {
  assertObject('keys', given, '{ softAge, hardAge, coolDown, timeout, maxBytes, seed }');
  const names = [...Object.keys(LIMITS), 'seed'];
  const keys = ownOptions('keys', given, names);
  assertKnown('option in keys called', keys, names);
  return keys as Readonly<Record<string, unknown>>;
}

/** Reads the limits in the option `keys`. @throws ConfigurationError */
export function resolveLimits(values: Readonly<Record<string, unknown>>): KeyLimits {
  const limit = (name: keyof KeyLimits): number => {
    const { standard, least } = LIMITS[name];
    const value = values[name] ?? standard;
    if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
    throw new ConfigurationError(
      `keys.${name} is ${printable(value)}.`,
      `It is in ${name === 'maxBytes' ? 'bytes' : 'milliseconds'}, at least ${least}; ${standard} by default.`,
    );
  };
  const limits: KeyLimits = {
    softAge: limit('softAge'),
    hardAge: limit('hardAge'),
    coolDown: limit('coolDown'),
    timeout: limit('timeout'),
    maxBytes: limit('maxBytes'),
  };
  if (limits.hardAge !== 0 && limits.hardAge < limits.softAge) {
    throw new ConfigurationError(
      `keys.hardAge (${limits.hardAge}) is less than keys.softAge (${limits.softAge}).`,
      'Keys are refreshed from the soft age on and dropped at the hard age; 0 drops them at the soft age.',
    );
  }
  return Object.freeze(limits);
}

import { type Duration, type DurationRange, printDuration, secondsOf } from '../base/duration.js';
import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown, assertObject } from './option-readers.js';

/** Limits of one exchange. */
export interface ExchangeLimits {
  /** For connect, headers and body together. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** All limits, resolved. */
export interface KeyLimits extends ExchangeLimits {
  readonly softAgeMs: number;
  readonly hardAgeMs: number;
  readonly coolDownMs: number;
}

const DURATIONS = {
  softAge: { standard: '1h' },
  hardAge: { standard: '24h', least: 0 },
  coolDown: { standard: '30s' },
  timeout: { standard: '5s', least: 0.01, fractions: true },
} as const satisfies Readonly<Record<string, DurationRange & { readonly standard: Duration }>>;

const BYTES = { standard: 1_048_576, least: 1024 };

const NAMES = [...Object.keys(DURATIONS), 'maxBytes', 'seed'];

/** Reads the option `keys`, and checks its names. @throws ConfigurationError */
export function resolveKeys(given: unknown = {}): Readonly<Record<string, unknown>> {
  assertObject('keys', given, '{ softAge, hardAge, coolDown, timeout, maxBytes, seed }');
  const keys = ownOptions('keys', given, NAMES);
  assertKnown('option in keys called', keys, NAMES);
  return keys as Readonly<Record<string, unknown>>;
}

/** Reads the limits in the option `keys`. @throws ConfigurationError */
export function resolveLimits(values: Readonly<Record<string, unknown>>): KeyLimits {
  const seconds = (name: keyof typeof DURATIONS): number =>
    secondsOf(`keys.${name}`, values[name], DURATIONS[name]);
  const [softAge, hardAge] = [seconds('softAge'), seconds('hardAge')];
  if (hardAge !== 0 && hardAge < softAge) {
    throw new ConfigurationError(
      `keys.hardAge (${printDuration(hardAge)}) is less than keys.softAge (${printDuration(softAge)}).`,
      'Keys are refreshed from the soft age on and dropped at the hard age; 0 drops them at the soft age.',
    );
  }
  return Object.freeze({
    softAgeMs: softAge * 1000,
    hardAgeMs: hardAge * 1000,
    coolDownMs: seconds('coolDown') * 1000,
    timeoutMs: seconds('timeout') * 1000,
    maxBytes: bytes(values.maxBytes),
  });
}

function bytes(value: unknown = BYTES.standard): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= BYTES.least) return value;
  throw new ConfigurationError(
    `keys.maxBytes is ${printable(value)}.`,
    `It is in bytes, at least ${BYTES.least}; ${BYTES.standard} by default.`,
  );
}

import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { assertKnown, assertObject } from './option-readers.js';
import type { Owner } from './options.js';

/**
 * Reads the option `owner`.
 *
 * @throws ConfigurationError
 */
export function resolveOwner(value: unknown): Owner | undefined {
  if (value === undefined) return undefined;
  assertObject('owner', value, "{ team: 'Orders' }");
  const names = ['team', 'contact', 'onCall'];
  const given = ownOptions('owner', value, names);
  assertKnown('option in owner called', given, names);
  const filled = Object.entries(given).filter(([, fact]) => fact !== undefined);
  const facts: Record<string, unknown> = ownOptions('owner', Object.fromEntries(filled));
  if (facts.team && Object.values(facts).every((fact) => typeof fact === 'string')) {
    return Object.freeze({ ...facts } as unknown as Owner);
  }
  throw new ConfigurationError(
    'owner names no team.',
    "Write owner: { team: 'Orders', contact: 'orders@…', onCall: 'orders-oncall@…' }.",
  );
}

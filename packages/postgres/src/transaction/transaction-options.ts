import { ConfigurationError, ownOptions } from '@entra-guard/core';
import { assertKnown } from '@entra-guard/core/mcp';

/** Options of {@link asCaller}. */
export interface CallerTransactionOptions {
  /** How much of other transactions is seen (PostgreSQL, section 13.2). Default: that of the connection, usually `'read committed'`. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Whether the transaction may only read. Default: as the connection is set, usually `false`. */
  readonly readOnly?: boolean;
}

const ISOLATIONS: readonly unknown[] = ['read committed', 'repeatable read', 'serializable'];

/**
 * Returns the modes of a transaction in the words of `BEGIN` and `SET TRANSACTION`; an empty text for those of the connection.
 *
 * @throws ConfigurationError for unknown options and values
 */
export function transactionModes(given: CallerTransactionOptions): string {
  const options = ownOptions('asCaller(...)', given, ['isolation', 'readOnly']);
  assertKnown('option of asCaller(...)', options, ['isolation', 'readOnly']);
  const { isolation, readOnly } = options;
  if (isolation !== undefined && !ISOLATIONS.includes(isolation)) {
    throw new ConfigurationError(
      'asCaller(...): isolation is not an isolation level.',
      "Use 'read committed', 'repeatable read' or 'serializable'.",
    );
  }
  if (readOnly !== undefined && typeof readOnly !== 'boolean') {
    throw new ConfigurationError(
      `asCaller(...): readOnly is a ${typeof readOnly}.`,
      'Pass true or false, or leave it out.',
    );
  }
  return [
    isolation === undefined ? [] : [`isolation level ${isolation}`],
    readOnly === undefined ? [] : [readOnly ? 'read only' : 'read write'],
  ]
    .flat()
    .join(', ');
}

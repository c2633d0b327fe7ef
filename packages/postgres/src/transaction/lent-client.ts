import { ConfigurationError } from '@entra-guard/core';
import type { PgClient } from './pg-pool.js';

/** Statements that begin or end a transaction. Savepoints are the function's own. */
const TRANSACTION_CONTROL =
  /^(?:\s|;|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i;

/**
 * Lends a connection to a function for one transaction. Afterwards it belongs to another caller, so a statement that comes late is
 * refused. `release` is refused as well, and so are statements that begin or end a transaction.
 *
 * @param isOpen whether the transaction has not begun to end
 */
export function lendClient<C extends PgClient>(client: C, isOpen: () => boolean): C {
  const lent: C = new Proxy(client, {
    get(target, name) {
      if (name === 'query') return query;
      if (name === 'release') return refuseRelease;
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || name === 'constructor') return member;
      return (...parameters: unknown[]) => {
        const given: unknown = Reflect.apply(member, target, parameters);
        return given === target ? lent : given;
      };
    },
  });
  const query = (...parameters: unknown[]) => {
    if (!isOpen()) throw late();
    if (TRANSACTION_CONTROL.test(textOf(parameters[0]))) throw control();
    return Reflect.apply(client.query, client, parameters) as unknown;
  };
  return lent;
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const text =
    typeof statement === 'object' && statement !== null
      ? (statement as { readonly text?: unknown }).text
      : '';
  return typeof text === 'string' ? text : '';
}

/** The error for a statement that comes when the transaction has ended. */
export function late(): ConfigurationError {
  return new ConfigurationError(
    'A statement was sent after the function of asCaller(...) has ended. Its connection may serve another caller now.',
    'Wait for every statement before the function returns.',
  );
}

function control(): ConfigurationError {
  return new ConfigurationError(
    'A statement in asCaller(...) begins or ends a transaction.',
    'Leave that to asCaller: return to commit, throw to roll back. Inside, use savepoints.',
  );
}

function refuseRelease(): never {
  throw new ConfigurationError(
    'The function of asCaller(...) has released its connection.',
    'Leave that to asCaller: the transaction still needs it.',
  );
}

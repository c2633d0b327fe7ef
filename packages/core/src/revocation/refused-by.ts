import type { RevocationRecord } from '../options/revocations.js';

const records = new WeakMap<object, RevocationRecord>();

/** Notes the record that has refused a caller. For the audit trail and the log: answers never tell of it. */
export function noteRecord<E extends object>(error: E, record: RevocationRecord): E {
  records.set(error, record);
  return error;
}

/** Returns the record that has refused a caller; `undefined` if none has. */
export function refusingRecord(error: unknown): RevocationRecord | undefined {
  return records.get(error as object);
}

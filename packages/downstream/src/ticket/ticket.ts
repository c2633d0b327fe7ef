import { createHash, randomBytes } from 'node:crypto';
import { ConfigurationError, type Duration, PermissionError, secondsOf } from '@entra-guard/core';
import { assertKnown } from '../options/read.js';

/** Longest time that a ticket can be taken for: Entra's refresh tokens of confidential clients end then, if they are not used. */
export const LONGEST: Duration = '90d';

/** Makes the text of a ticket: 256 random bits. Given once; the store has its hash. */
export function newTicket(): string {
  return `egt1.${randomBytes(32).toString('base64url')}`;
}

/** Returns where the store keeps a ticket; `undefined` for text that is not one. */
export function placeOf(ticket: unknown): string | undefined {
  if (typeof ticket !== 'string' || !/^egt1\.[A-Za-z0-9_-]{43}$/.test(ticket)) return undefined;
  return `eg:d1:ticket:${createHash('sha256').update(ticket).digest('base64url')}`;
}

/** @returns milliseconds */
export function readValidFor(options: unknown): number {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      `ticketFor(...) was given ${options === undefined ? 'no options' : typeof options}.`,
      "Say how long it may be used: ticketFor(req, { validFor: '8h' }).",
    );
  }
  assertKnown('ticketFor(...)', options, ['validFor']);
  const { validFor } = options as { readonly validFor?: unknown };
  return 1000 * secondsOf('ticketFor(...): validFor', validFor, { least: '1s', most: LONGEST });
}

/** One answer for all of it: who holds a ticket that is not accepted has no right to know why. */
export function notAccepted(): PermissionError {
  return new PermissionError({
    code: 'ticket_not_accepted',
    message:
      "The ticket is unknown, has ended or was released, its user's access was revoked, or Entra no longer renews it.",
    hint: 'The job must not go on for the user. They have to ask for it again, which gives a new ticket. With revocations, a ticket also ends when it is not used for as long as records are kept (longestToken).',
  });
}

import { UnavailableError } from '../base/errors.js';
import { parseJsonText } from '../base/json-object.js';
import { requirementFromJSON } from '../requirements/json.js';
import { assertDecides, type Grant } from '../requirements/requirement.js';

/**
 * Reads the requirement of approvers that a record holds.
 *
 * @throws UnavailableError `approvals_unavailable` for what this release can't read, as that of a newer one
 */
export function approverGrant(text: string): Grant {
  try {
    const requirement = requirementFromJSON(parseJsonText(text));
    assertDecides('by', requirement);
    if (requirement.role === 'grant' && requirement.evaluable) return requirement;
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unreadable(undefined);
}

function unreadable(cause: unknown): UnavailableError {
  return new UnavailableError({
    part: 'approvals',
    message: "The request for an approval names approvers by a requirement that this release can't read.",
    hint: 'Install the release that made the request.',
    retryAfter: 60,
    cause,
  });
}

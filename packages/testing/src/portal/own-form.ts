import type { Call } from '../endpoints/call.js';
import { isOwnOrigin } from '../endpoints/own-origin.js';
import { assertWellFormed } from '../endpoints/parameters.js';
import { sameText } from '../endpoints/same-text.js';

/** Thrown for a form that did not come from a page of this portal (CSRF). */
export class ForeignFormError extends Error {
  override readonly name = 'ForeignFormError';
}

/**
 * Reads a form of this portal. Browsers send the `Origin` of the page with every form; the key is in the pages of this
 * run alone, which no other site can read.
 *
 * @throws {ForeignFormError}
 */
export async function readOwnForm({ request, entra }: Call, key: string): Promise<URLSearchParams> {
  const origin = request.headers.get('origin');
  if (!isOwnOrigin(origin, entra.authority)) {
    throw new ForeignFormError(
      `The form came from ${origin === null ? 'an unknown page' : `"${origin}"`}. Open the portal at ${entra.authority.origin}/portal and use its own forms.`,
    );
  }
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    throw new ForeignFormError('The request is not a form.');
  }
  const form = new URLSearchParams(await request.text());
  assertWellFormed(form);
  if (!sameText(form.get('key') ?? '', key)) {
    throw new ForeignFormError(
      'The form is from an earlier run of the local Entra. Load the page again, then repeat what you did.',
    );
  }
  return form;
}

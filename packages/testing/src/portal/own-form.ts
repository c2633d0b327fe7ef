import { timingSafeEqual } from 'node:crypto';
import type { Call } from '../endpoints/call.js';
import { assertWellFormed } from '../endpoints/parameters.js';

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
  const own = entra.authority.origin;
  if (origin !== own && origin !== own.replace('//localhost', '//127.0.0.1')) {
    throw new ForeignFormError(
      `The form came from ${origin === null ? 'an unknown page' : `"${origin}"`}. Open the portal at ${own}/portal and use its own forms.`,
    );
  }
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    throw new ForeignFormError('The request is not a form.');
  }
  const form = new URLSearchParams(await request.text());
  assertWellFormed(form);
  if (!same(form.get('key') ?? '', key)) {
    throw new ForeignFormError(
      'The form is from an earlier run of the local Entra. Load the page again, then repeat what you did.',
    );
  }
  return form;
}

function same(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
